#include "pl_semver.h"

#include "pl_utf8.h"

#include <inttypes.h>
#include <string.h>

/* What happened to the number between two versions. */
enum step { LOWER, SAME, PRERELEASE, PATCH, MINOR, MAJOR };

static enum step
step_between(const struct pl_version *from, const struct pl_version *to)
{
    int order = pl_version_order(from, to);

    if (order >= 0)
        return order > 0 ? LOWER : SAME;
    if (to->major != from->major)
        return MAJOR;
    if (to->minor != from->minor)
        return MINOR;
    return to->patch != from->patch ? PATCH : PRERELEASE;
}

static void
say(struct pl_semver *out, const char *text)
{
    if (out->message_count < 4)
        out->messages[out->message_count++] = text;
}

static void
advise(struct pl_semver *out, const char *text)
{
    if (out->recommendation_count < 4)
        out->recommendations[out->recommendation_count++] = text;
}

const char *
pl_semver_required(const char *previous, bool strict_zero, bool breaking, bool additive,
                   bool changed)
{
    struct pl_version version;
    bool zero = pl_version_parse(previous, &version) && version.major == 0 && !strict_zero;

    if (breaking)
        return zero ? "minor" : "major";
    if (additive)
        return zero ? "patch" : "minor";
    return changed ? "patch" : "none";
}

char *
pl_semver_next(const char *previous, const char *bump, struct pl_arena *arena)
{
    struct pl_version v;

    if (!pl_version_parse(previous, &v))
        return NULL;
    if (strcmp(bump, "major") == 0)
        return pl_arena_printf(arena, "%" PRId64 ".0.0", v.major + 1);
    if (strcmp(bump, "minor") == 0)
        return pl_arena_printf(arena, "%" PRId64 ".%" PRId64 ".0", v.major, v.minor + 1);
    if (strcmp(bump, "patch") == 0)
        return pl_arena_printf(arena, "%" PRId64 ".%" PRId64 ".%" PRId64, v.major, v.minor,
                               v.patch + (*v.prerelease == '\0'));
    return pl_arena_strdup(arena, previous);
}

static void
advise_next(const struct pl_semver_input *in, struct pl_arena *arena, struct pl_semver *out)
{
    const char *next = pl_semver_next(in->previous, out->required, arena);

    if (next)
        advise(out, pl_arena_printf(arena, "raise the version to %s", next));
}

/* A date says when, not what: a break must be declared and the version must grow. */
static void
judge_calendar(const struct pl_semver_input *in, enum step step, struct pl_semver *out)
{
    out->status = "ok";
    out->required = in->breaking || in->additive || in->changed ? "patch" : "none";
    if (!in->breaking)
        return;
    if (step < PATCH) {
        out->status = "warn";
        say(out, "a breaking change under an unchanged version");
        advise(out, "give each breaking change a later version");
    }
    if (!in->breaking_ack) {
        out->status = "warn";
        say(out, "a breaking change that was not declared");
        advise(out, "declare the break when pushing (breaking_ack)");
    }
}

static void
judge_breaking(const struct pl_semver_input *in, enum step step, bool minor_is_major,
               const struct pl_version *now, struct pl_arena *arena, struct pl_semver *out)
{
    if (step == MAJOR || (step == MINOR && minor_is_major)) {
        out->status = "ok";
        say(out, "a breaking change, announced by the version");
    } else if (step == PRERELEASE && now->minor == 0 && now->patch == 0) {
        out->status = "ok";
        say(out, "a breaking change between prereleases of a major version");
    } else if (step == PRERELEASE) {
        out->status = "warn";
        say(out, "a breaking change between prereleases");
    } else {
        out->status = "fail";
        say(out, minor_is_major ? "a breaking change under 0.y without raising the minor version"
                                : "a breaking change without a major version");
        advise_next(in, arena, out);
        advise(out, "or keep the old behaviour beside the new one");
    }
}

static void
judge_compatible(const struct pl_semver_input *in, enum step step, bool zero,
                 const struct pl_version *now, struct pl_arena *arena, struct pl_semver *out)
{
    out->status = "ok";
    if (step == MAJOR && zero && now->major == 1) {
        say(out, "the first stable version");
    } else if (step == MAJOR) {
        out->status = "fail";
        say(out, "a major version without a breaking change");
        advise_next(in, arena, out);
    } else if (step == MINOR && !in->additive) {
        out->status = "warn";
        say(out, "a minor version although nothing was added; patch may have sufficed");
        advise_next(in, arena, out);
    } else if (step == PATCH && in->additive && !zero) {
        out->status = "warn";
        say(out, "something was added but only the patch version rose");
        advise_next(in, arena, out);
    } else if (step == SAME && in->additive) {
        say(out, "something was added and the version stayed");
        advise_next(in, arena, out);
    }
}

static void
judge_semver(const struct pl_semver_input *in, const struct pl_version *before,
             const struct pl_version *now, struct pl_arena *arena, struct pl_semver *out)
{
    enum step step = step_between(before, now);
    bool zero = before->major == 0 && !in->strict_zero;

    if (step == LOWER) {
        out->status = "fail";
        say(out, pl_arena_printf(arena, "the version went back from %s to %s", in->previous,
                                 in->current));
        advise_next(in, arena, out);
    } else if (in->scheme && strcmp(in->scheme, "calendar") == 0) {
        judge_calendar(in, step, out);
    } else if (in->breaking) {
        judge_breaking(in, step, zero, now, arena, out);
    } else {
        judge_compatible(in, step, zero, now, arena, out);
    }
}

void
pl_semver_judge(const struct pl_semver_input *in, struct pl_arena *arena, struct pl_semver *out)
{
    bool no_current = in->current == NULL || *in->current == '\0';
    bool no_previous = in->previous == NULL || *in->previous == '\0';
    struct pl_version before, now;

    *out = (struct pl_semver){ .status = "unknown" };
    out->required =
        pl_semver_required(in->previous, in->strict_zero, in->breaking, in->additive, in->changed);
    if (no_current) {
        say(out, "the document names no version");
        advise(out, "set info.version");
    } else if (in->first) {
        out->status = "ok";
        out->required = "none";
        say(out, "the first run: there is no earlier version to compare with");
    } else if (no_previous) {
        say(out, "the earlier document named no version");
    } else if (!pl_version_parse(in->current, &now) || !pl_version_parse(in->previous, &before)) {
        bool current_bad = !pl_version_parse(in->current, &now);
        char *text =
            pl_arena_printf(arena, "the version \"%.60s\" is not a number that can be ordered",
                            current_bad ? in->current : in->previous);

        pl_utf8_mend(text);
        out->status = "warn";
        say(out, text);
        advise(out, "use Semantic Versioning, or a date with the scheme \"calendar\"");
    } else {
        judge_semver(in, &before, &now, arena, out);
    }
}
