#include "http_send.h"
#include "pl_check.h"
#include "receiver_fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct pl_arena *arena;
static struct receiver *receiver;
static struct http_sender *sender;
static struct pl_ssrf_list loopback;

static void
set_up(void)
{
    struct pl_err err = { 0 };

    arena = pl_arena_new();
    receiver = receiver_start();
    if (http_sender_new(&sender, &err) || pl_ssrf_parse("127.0.0.0/8,::1/128", &loopback, &err))
        exit(1);
}

static void
tear_down(void)
{
    http_sender_destroy(&sender);
    receiver_stop(&receiver);
    pl_arena_destroy(&arena);
}

static struct http_answer
post(const char *url, const struct pl_ssrf_list *allow, int64_t timeout_ms)
{
    static const char *const headers[] = { "content-type: application/json", "webhook-id: msg_1",
                                           NULL };
    struct http_request request = { .url = url,
                                    .body = "{\"a\":1}",
                                    .length = 7,
                                    .headers = headers,
                                    .allow = allow,
                                    .timeout_ms = timeout_ms };
    struct http_answer answer;

    http_send(sender, &request, arena, &answer);
    return answer;
}

static struct http_answer
post_here(const char *path)
{
    return post(receiver_url(receiver, arena, path), &loopback, 60000);
}

TEST(a_body_arrives_with_its_headers_and_the_answer_comes_back)
{
    struct http_answer answer;
    const struct received *got;

    set_up();
    answer = post_here("/hook?key=secret");
    got = receiver_got(receiver, 0);
    CHECK_INT(answer.status, ==, 200);
    CHECK_STR(answer.failure, "");
    CHECK_STR(answer.body, "ok");
    CHECK_STR(answer.peer, "127.0.0.1");
    CHECK(answer.total_ms > 0);
    CHECK_STR(got->method, "POST");
    CHECK_STR(got->path, "/hook");
    CHECK_STR(got->body, "{\"a\":1}");
    CHECK_STR(got->content_type, "application/json");
    CHECK_STR(got->id, "msg_1");
    CHECK_HAS(got->user_agent, "Plumbline/");
    tear_down();
}

TEST(a_redirect_is_not_followed)
{
    struct http_answer answer;

    set_up();
    receiver_will(receiver, 302, "Location", receiver_url(receiver, arena, "/elsewhere"), "");
    answer = post_here("/hook");
    CHECK_INT(answer.status, ==, 302);
    CHECK_INT(receiver_count(receiver), ==, 1);
    tear_down();
}

TEST(an_address_inside_is_refused_whatever_it_is_called)
{
    static const char *const names[] = {
        "127.0.0.1", "127.1", "2130706433",         "0x7f000001", "0177.0.0.1",
        "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",    "0"
    };
    int port;

    set_up();
    sscanf(receiver_url(receiver, arena, ""), "http://127.0.0.1:%d", &port);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct http_answer answer =
            post(pl_arena_printf(arena, "http://%s:%d/", names[i], port), NULL, 60000);

        CHECK_THAT(strcmp(answer.failure, "refused") == 0, "%s: \"%s\" %s", names[i],
                   answer.failure, answer.failure_text);
        CHECK_INT(answer.status, ==, 0);
        CHECK_STR(answer.peer, "");
    }
    CHECK_INT(receiver_count(receiver), ==, 0);
    tear_down();
}

TEST(a_proxy_in_the_environment_is_not_used)
{
    set_up();
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    CHECK_INT(post_here("/").status, ==, 200);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    tear_down();
}

TEST(who_does_not_answer_in_time_is_given_up)
{
    struct http_answer answer;

    set_up();
    receiver_will(receiver, RECEIVER_SILENT, NULL, NULL, NULL);
    answer = post(receiver_url(receiver, arena, "/"), &loopback, 2000);
    CHECK_STR(answer.failure, "timeout");
    CHECK_INT(answer.status, ==, 0);
    CHECK_STR(answer.peer, "127.0.0.1");
    tear_down();
}

TEST(a_body_without_end_is_cut_and_its_status_counts)
{
    struct http_answer answer;

    set_up();
    receiver_will(receiver, RECEIVER_FLOOD, NULL, NULL, NULL);
    answer = post_here("/");
    CHECK_INT(answer.status, ==, 200);
    CHECK_STR(answer.failure, "");
    CHECK_INT(strlen(answer.body), ==, ANSWER_KEPT);
    CHECK_INT(receiver_flooded(receiver), <, 32 * 1024 * 1024); // what sockets hold, and no more
    tear_down();
}

TEST(retry_after_is_handed_on)
{
    set_up();
    receiver_will(receiver, 429, "Retry-After", "17", "slow down");
    CHECK_STR(post_here("/").retry_after, "17");
    CHECK_STR(post_here("/").retry_after, "");
    tear_down();
}

TEST(an_answer_that_repeats_the_url_is_kept_without_it)
{
    set_up();
    receiver_will(receiver, 404, NULL, NULL, "Cannot POST /services/T0/B0/abc?sig=verysecret");
    CHECK_STR(post_here("/services/T0/B0/abc?sig=verysecret").body, "Cannot POST [url]");
    receiver_will(receiver, 404, NULL, NULL, "/services/T0/B0/abc is gone, sig=verysecret too");
    CHECK_STR(post_here("/services/T0/B0/abc?sig=verysecret").body, "[url] is gone, [url] too");
    tear_down();
}

TEST(nobody_there_is_a_connect_failure_and_no_such_name_one_of_dns)
{
    struct http_answer answer;
    char *url;

    set_up();
    url = receiver_url(receiver, arena, "/secret-path");
    receiver_stop(&receiver);
    answer = post(url, &loopback, 60000);
    CHECK_STR(answer.failure, "connect");
    CHECK(strstr(answer.failure_text, "secret") == NULL);
    CHECK_STR(post("http://no-such-name.invalid/", &loopback, 60000).failure, "dns");
    CHECK_STR(post("ftp://127.0.0.1/", &loopback, 60000).failure, "config");
    CHECK_STR(post("file:///etc/passwd", &loopback, 60000).failure, "config");
    tear_down();
}

TEST(plain_http_where_tls_is_expected_is_a_tls_failure)
{
    char *url;

    set_up();
    url = receiver_url(receiver, arena, "/");
    CHECK_STR(post(pl_arena_printf(arena, "https%s", url + 4), &loopback, 60000).failure, "tls");
    tear_down();
}

static int
check(const char *url, const struct pl_ssrf_list *allow, char **hint)
{
    struct pl_err err = { 0 };

    return http_check_url(url, allow, arena, hint, &err);
}

TEST(a_url_that_can_never_be_sent_to_is_refused_early)
{
    static const char *const bad[] = {
        "",
        "http://",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "example.com/x",
        "http://user@example.com/",
        "http://user:pw@example.com/",
        "http://:pw@example.com/",
        "http://exa mple.com/",
        "http://example.com/\r\nX: y",
        "http://127.0.0.1/",
        "http://[::1]:80/",
        "http://169.254.169.254/latest/",
        "http://10.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
    };
    char *hint;

    set_up();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_THAT(check(bad[i], NULL, &hint) == -1, "\"%s\" was taken", bad[i]);
    CHECK_INT(check("http://127.0.0.1:9000/", &loopback, &hint), ==, 0);
    CHECK_STR(hint, "127.0.0.1:9000/…000/");
    CHECK_INT(check("https://hooks.example.com/services/T0/B0/abcdefgh", NULL, &hint), ==, 0);
    CHECK_STR(hint, "hooks.example.com/…efgh");
    tear_down();
}
