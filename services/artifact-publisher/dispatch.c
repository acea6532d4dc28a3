/* What comes in, and who answers it: calls, events, the clock.  `artifact-publisher --endpoints`
 * prints it. */
#include "publisher.h"

#include "events.pb-c.h"
#include "publisher.pb-c.h"

const struct pl_endpoint publisher_endpoints[] = {
    PL_CALL("publisher.GetArtifact", PL_READ, get_artifact, publisher__get_artifact,
            "one published file, as the api's visibility allows"),
    PL_CALL("publisher.ListArtifacts", PL_READ, list_artifacts, publisher__list_artifacts,
            "the files of a set, with their hashes"),
    { 0 },
};

const struct pl_listener publisher_listeners[] = {
    PL_ON("governance-engine", "governance.api.changed", note_api, events__api_changed,
          "who may see an api's files"),
    PL_ON("governance-engine", "governance.run.completed", queue_run, events__run_completed,
          "a run on the default branch wants its set"),
    { 0 },
};

const struct pl_timer publisher_timers[] = {
    { 500, publish_due, "build, sign and publish the sets that wait", 0 },
    { 15000, count_jobs, "how many sets wait, for the metrics", 0 },
    { 0 },
};
