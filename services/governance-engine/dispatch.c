/* What comes in: one line per operation of proto/governance.proto. */
#include "governance.h"

// clang-format off
const struct pl_endpoint governance_endpoints[] = {
    PL_CALL("governance.PutApi", PL_WRITE, put_api, governance__put_api,
            "create an api or change its settings"),
    PL_CALL("governance.GetApi", PL_READ, get_api, governance__get_api, "one api"),
    PL_CALL("governance.DeleteApi", PL_WRITE, delete_api, governance__delete_api, "archive an api"),
    PL_CALL("governance.ListAchievements", PL_READ, list_achievements,
            governance__list_achievements, "milestones that were reached"),
    PL_CALL("governance.ListApis", PL_READ, list_apis, governance__list_apis,
            "the apis that the caller may see"),
    PL_CALL_HEAVY("governance.CreateRun", PL_OWN_TX, create_run, governance__create_run,
                  "judge and record a document, or that there is none"),
    PL_CALL("governance.ListRuns", PL_READ, list_runs, governance__list_runs, "runs, newest first"),
    PL_CALL("governance.GetRun", PL_READ, get_run, governance__get_run,
            "one run by id, sha, or \"latest\""),
    PL_CALL("governance.ListFindings", PL_READ, list_findings, governance__list_findings,
            "what changed at a run"),
    PL_CALL_HEAVY("governance.GetDocument", PL_READ, get_document, governance__get_document,
                  "the document as it was pushed"),
    PL_CALL("governance.ListIssues", PL_READ, list_issues, governance__list_issues,
            "issues, newest first"),
    PL_CALL("governance.PutIssueLabels", PL_WRITE, put_issue_labels, governance__put_issue_labels,
            "set an issue's labels"),
    PL_CALL("governance.AcceptFinding", PL_WRITE, accept_finding, governance__accept_finding,
            "judge pushes without a finding, until a day"),
    PL_CALL("governance.ListAccepted", PL_READ, list_accepted, governance__list_accepted,
            "findings that were accepted"),
    PL_CALL("governance.WithdrawAcceptance", PL_WRITE, withdraw_acceptance,
            governance__withdraw_acceptance, "let an accepted finding count again"),
    PL_CALL("governance.GetRunRecord", PL_READ, get_run_record, governance__get_run_record,
            "everything that a run's artifacts are made of"),
    { 0 },
};
// clang-format on
