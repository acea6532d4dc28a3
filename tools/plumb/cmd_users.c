/* plumb users -- other people's accounts, for administrators, through the gateway. */
#include "rest.h"

#include <string.h>

struct settings {
    const char *who, *email, *password_file, *format;
    struct text_list roles;
    struct pl_arena *arena;
};

static const char *const COLUMNS[] = { "LOGIN:login",
                                       "ID:id",
                                       "ROLES:roles",
                                       "SESSIONS:sessions",
                                       "LAST LOGIN:last_login_at",
                                       "LOCKED UNTIL:locked_until",
                                       "DISABLED:disabled_at",
                                       NULL };

static bool
parse(int argc, char **argv, struct settings *s)
{
    const struct option options[] = { LIST_OPTION("--role", s->roles),
                                      TEXT_OPTION("--email", s->email),
                                      TEXT_OPTION("--password-file", s->password_file),
                                      TEXT_OPTION("--format", s->format),
                                      { 0 } };
    int words;

    s->format = "text";
    return parse_options(argc, argv, options, &s->who, 1, &words) &&
           check_choice("--format", s->format, "text|json");
}

/* The id of who is meant by an id, a login or a mail address; NULL after saying that there is
 * nobody. */
static const char *
find(const struct settings *s)
{
    struct pl_buf path = { .arena = s->arena };
    struct pl_node *found;
    const struct pl_node *first;

    if (strncmp(s->who, "usr_", 4) == 0)
        return s->who;
    pl_buf_str(&path, "/api/auth/users");
    rest_query(&path, "login", s->who);
    found = rest_get(pl_buf_text(&path), s->arena);
    if (found == NULL)
        return NULL;
    first = pl_node_at(pl_node_get(found, "users"), 0);
    if (first == NULL) {
        trouble("there is no user \"%s\"", s->who);
        return NULL;
    }
    return rest_text(first, "id", s->arena);
}

/* The password of --password-file, else one that is made here. */
static int
fill_password(const struct settings *s, struct pl_node *body, const char **made)
{
    struct pl_err err = { 0 };
    const char *password = s->password_file ? secret_line(s->password_file, s->arena, &err)
                                            : (*made = random_secret(s->arena));

    if (password == NULL)
        return trouble_err("users", &err);
    rest_set_text(body, "password", password, s->arena);
    return EXIT_FINE;
}

static int
fill_roles(const struct settings *s, struct pl_node *body, const char **made)
{
    (void)made;
    if (s->roles.count == 0)
        return usage_error("which roles? (--role, may be repeated)");
    rest_set_list(body, "roles", &s->roles, s->arena);
    return EXIT_FINE;
}

/* An account, and the password if it was made here: it is shown this once. */
static void
show(const struct settings *s, struct pl_node *user, const char *password)
{
    struct pl_node *root = user ? user : pl_node_object(s->arena);

    if (password)
        pl_node_set(s->arena, root, "password", pl_node_string(s->arena, password));
    if (strcmp(s->format, "json") == 0)
        print_json(root, s->arena);
    else
        rest_object(root, s->arena);
}

static int
list(int argc, char **argv)
{
    struct settings s = { 0 };
    struct pl_node *users;
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    s.arena = pl_arena_new();
    users = rest_pages("/api/auth/users", "users", 0, s.arena);
    status = rest_show_list(users, "users", COLUMNS, s.format, s.arena);
    pl_arena_destroy(&s.arena);
    return status;
}

static int
make(struct settings *s)
{
    struct pl_node *body = pl_node_object(s->arena), *user = NULL;
    const char *made = NULL;

    rest_set_text(body, "login", s->who, s->arena);
    rest_set_text(body, "email", s->email, s->arena);
    if (fill_roles(s, body, &made) || fill_password(s, body, &made) ||
        rest_send("POST", "/api/auth/users", body, s->arena, &user))
        return EXIT_TROUBLE;
    show(s, user, made);
    return EXIT_FINE;
}

static int
create(int argc, char **argv)
{
    struct settings s = { 0 };
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    if (s.who == NULL)
        return usage_error("an account needs a login");
    s.arena = pl_arena_new();
    status = make(&s);
    pl_arena_destroy(&s.arena);
    return status;
}

/* Ask about one account, ${method} /api/auth/users/{who}${behind}, with a body from ${fill} (NULL:
 * none), and show it as it is then. */
static int
ask(struct settings *s, const char *method, const char *behind,
    int (*fill)(const struct settings *s, struct pl_node *body, const char **made))
{
    struct pl_node *body = fill ? pl_node_object(s->arena) : NULL, *user = NULL;
    const char *id = NULL, *made = NULL;

    if ((fill && fill(s, body, &made)) || (id = find(s)) == NULL)
        return EXIT_TROUBLE;
    if (rest_send(method,
                  pl_arena_printf(s->arena, "%s%s",
                                  rest_path(s->arena, "/api/auth/users/%s", id, NULL), behind),
                  body, s->arena, &user))
        return EXIT_TROUBLE;
    if (user || made)
        show(s, user, made);
    return EXIT_FINE;
}

static int
about_one(int argc, char **argv, const char *method, const char *behind,
          int (*fill)(const struct settings *s, struct pl_node *body, const char **made))
{
    struct settings s = { 0 };
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    if (s.who == NULL)
        return usage_error("who? (a login, a mail address or an id, see `plumb users list`)");
    s.arena = pl_arena_new();
    status = ask(&s, method, behind, fill);
    pl_arena_destroy(&s.arena);
    return status;
}

static int
show_one(int argc, char **argv)
{
    return about_one(argc, argv, "GET", "", NULL);
}

static int
disable(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/disable", NULL);
}

static int
enable(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/enable", NULL);
}

static int
unlock(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/unlock", NULL);
}

static int
set_password(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/password", fill_password);
}

static int
set_roles(int argc, char **argv)
{
    return about_one(argc, argv, "PUT", "/roles", fill_roles);
}

#define WHO_HELP "WHO is a login, a mail address or an id.\n\n"

static const struct command users_commands[] = {
    { "list", list, "all accounts",
      "usage: plumb users list [--format text|json]\n\n  plumb users list\n" },
    { "show", show_one, "one account",
      "usage: plumb users show WHO [--format text|json]\n\n" WHO_HELP "  plumb users show ada\n" },
    { "create", create, "make an account",
      "usage: plumb users create LOGIN --role ROLE [--role ROLE ...] [--email MAIL]\n"
      "                          [--password-file FILE|-] [--format text|json]\n\n"
      "Roles: admin, operator, developer, viewer; nobody gives away more than they have. Without a\n"
      "file a password is made, and shown this once.\n\n"
      "  plumb users create ada --role developer --email ada@example.com\n"
      "  pass show plumb/ada | plumb users create ada --role viewer --password-file -\n" },
    { "disable", disable, "let nobody log in to it; its sessions end at once",
      "usage: plumb users disable WHO [--format text|json]\n\n" WHO_HELP
      "  plumb users disable ada\n" },
    { "enable", enable, "undo that",
      "usage: plumb users enable WHO [--format text|json]\n\n" WHO_HELP
      "  plumb users enable ada\n" },
    { "unlock", unlock, "forget its wrong passwords",
      "usage: plumb users unlock WHO [--format text|json]\n\n" WHO_HELP
      "  plumb users unlock ada@example.com\n" },
    { "password", set_password, "set a new password; its sessions end at once",
      "usage: plumb users password WHO [--password-file FILE|-] [--format text|json]\n\n" WHO_HELP
      "Without a file a password is made, and shown this once.\n\n"
      "  plumb users password ada\n" },
    { "roles", set_roles, "change what it may do; its sessions end at once",
      "usage: plumb users roles WHO --role ROLE [--role ROLE ...] [--format text|json]\n\n" WHO_HELP
      "The roles given replace all it had: admin, operator, developer, viewer.\n\n"
      "  plumb users roles ada --role operator --role developer\n" },
    { 0 },
};

int
cmd_users(int argc, char **argv)
{
    return run_command(users_commands, "plumb users", argc, argv);
}
