#include "settings.h"

#include "pl_check.h"
#include "pl_service.h"

static enum pl_code
check(const char *environment, const char *origins, const char *api, const char *header)
{
    struct pl_err err = { 0 };

    pl_environment = environment;
    settings.cors_origins = origins;
    settings.default_api = api;
    settings.request_id_header = header;
    settings.redis = "";
    settings.limit_fallback = "local";
    settings.limit_headers = "draft";
    settings.trusted_proxies = "";
    settings.client_header = "X-Forwarded-For";
    settings_check(&err);
    return err.code;
}

TEST(a_wildcard_origin_stops_the_start_in_production_only)
{
    CHECK_INT(check("production", "*", "demo", "X-Request-ID"), ==, PL_INVALID);
    CHECK_INT(check("Production", "https://a.example,*", "demo", "X-Request-ID"), ==, PL_INVALID);
    CHECK_INT(check("production", "https://a.example", "demo", "X-Request-ID"), ==, PL_OK);
    CHECK_INT(check("development", "*", "demo", "X-Request-ID"), ==, PL_OK);
}

TEST(names_that_cannot_be_names_stop_the_start)
{
    CHECK_INT(check("development", "", "Demo", "X-Request-ID"), ==, PL_INVALID);
    CHECK_INT(check("development", "", "a.json", "X-Request-ID"), ==, PL_INVALID);
    CHECK_INT(check("development", "", "", "X-Request-ID"), ==, PL_INVALID);
    CHECK_INT(check("development", "", "demo", "X Request"), ==, PL_INVALID);
    CHECK_INT(check("development", "", "demo", "X-A: b\r\n"), ==, PL_INVALID);
}

TEST(metrics_are_public_outside_production_unless_it_is_said)
{
    settings.public_metrics = "auto";
    pl_environment = "development";
    CHECK(settings_public_metrics());
    pl_environment = "production";
    CHECK(!settings_public_metrics());
    settings.public_metrics = "on";
    CHECK(settings_public_metrics());
    settings.public_metrics = "off";
    pl_environment = "development";
    CHECK(!settings_public_metrics());
}
