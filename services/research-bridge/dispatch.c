/* What comes in, and what is done on time: one line each.  `research-bridge --endpoints`. */
#include "bridge.h"

#define COUNT_EVERY_MS 5000

// clang-format off
const struct pl_endpoint bridge_endpoints[] = {
    PL_CALL("bridge.CreateInput", PL_WRITE, create_input, bridge__create_input, "submit an input"),
    PL_CALL("bridge.GetInput", PL_READ, get_input, bridge__get_input, "one input"),
    PL_CALL("bridge.ListInputs", PL_READ, list_inputs, bridge__list_inputs,
            "inputs by owner, tag, status and words, sorted, page by page"),
    PL_CALL("bridge.UpdateInput", PL_WRITE, update_input, bridge__update_input,
            "change what an input says"),
    PL_CALL("bridge.AssignInput", PL_WRITE, assign_input, bridge__assign_input,
            "give an input to somebody, or to nobody"),
    PL_CALL("bridge.MoveInput", PL_WRITE, move_input, bridge__move_input,
            "review, reject or reopen an input"),
    PL_CALL("bridge.ApproveInput", PL_WRITE, approve_input, bridge__approve_input,
            "make an input an experiment"),
    PL_CALL("bridge.ListInputHistory", PL_READ, list_input_history, bridge__list_input_history,
            "who changed what, oldest first"),
    PL_CALL("bridge.ExportInput", PL_READ, export_input, bridge__export_input,
            "an input with its experiment and history as Markdown"),
    PL_CALL("bridge.GetExperiment", PL_READ, get_experiment, bridge__get_experiment,
            "one experiment"),
    PL_CALL("bridge.ListExperiments", PL_READ, list_experiments, bridge__list_experiments,
            "experiments, newest first"),
    PL_CALL("bridge.MoveExperiment", PL_WRITE, move_experiment, bridge__move_experiment,
            "start an experiment, or conclude it"),
    { 0 },
};

const struct pl_timer bridge_timers[] = {
    { COUNT_EVERY_MS, count_everything, "read the counts that /metrics shows", 0 },
    { 0 },
};
// clang-format on
