/* Webhook answers: whatever a receiver sends back, over real connections and through libcurl.  It
 * is sent twice to the same sender, so that what one answer leaves behind is found too. */
#include "fuzz.h"

#include "http_send.h"
#include "outcome.h"
#include "schedule.h"

#include "pl_utf8.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECRET "/services/T0SECRET/B0SECRET"

static int door;
static char url[100];
static struct http_sender *sender;
static struct pl_ssrf_list loopback;
static uint8_t answer_bytes[1 << 16]; // written before the connection is made, read after it is
static size_t answer_size;

/* Says its piece, then listens until the other side has read it. */
static void *
receiver(void *unused)
{
    (void)unused;
    for (;;) {
        int fd = accept(door, NULL, NULL);
        char heard[4096];

        if (fd < 0)
            abort();
        if (send(fd, answer_bytes, answer_size, MSG_NOSIGNAL) >= 0)
            shutdown(fd, SHUT_WR);
        while (recv(fd, heard, sizeof heard, 0) > 0)
            ;
        close(fd);
    }
    return NULL;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sockaddr_in here = { .sin_family = AF_INET };
    socklen_t length = sizeof here;
    struct pl_err err = { 0 };
    pthread_t thread;

    (void)argc;
    (void)argv;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 16) ||
        getsockname(door, (struct sockaddr *)&here, &length) || http_sender_new(&sender, &err) ||
        pl_ssrf_parse("127.0.0.0/8", &loopback, &err) ||
        pthread_create(&thread, NULL, receiver, NULL))
        abort();
    snprintf(url, sizeof url, "http://127.0.0.1:%d" SECRET, ntohs(here.sin_port));
    return 0;
}

static void
judge(const char *kind, const struct http_answer *answer, struct pl_arena *arena)
{
    struct outcome outcome = outcome_of(kind, answer, 1800000000, arena);

    HOLDS(outcome.delivered == (*outcome.error_class == '\0'), "delivered and \"%s\"",
          outcome.error_class);
    HOLDS(outcome.retry_after_ms >= 0 && outcome.retry_after_ms <= RETRY_AFTER_MAX_S * 1000LL,
          "wait %lld ms", (long long)outcome.retry_after_ms);
    HOLDS(!outcome.delivered || (answer->status >= 200 && answer->status <= 299),
          "delivered with status %d", answer->status);
    HOLDS(strstr(outcome.error, SECRET) == NULL, "the url is in the error");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const HEADERS[] = { "content-type: application/json", NULL };
    static const char *const KINDS[] = { "webhook", "slack", "teams" };
    struct pl_arena *arena = pl_arena_new();
    struct http_request request = { .url = url,
                                    .body = "{}",
                                    .length = 2,
                                    .headers = HEADERS,
                                    .allow = &loopback,
                                    .timeout_ms = 5000 };
    struct http_answer answer;

    answer_size = size < sizeof answer_bytes ? size : sizeof answer_bytes;
    memcpy(answer_bytes, data, answer_size);
    http_send(sender, &request, arena, &answer);
    http_send(sender, &request, arena, &answer);
    HOLDS(strstr(answer.body, SECRET) == NULL, "the url is in what is kept");
    HOLDS(pl_utf8_check(answer.body, strlen(answer.body)) == strlen(answer.body),
          "kept what is not UTF-8");
    HOLDS(strlen(answer.body) <= ANSWER_KEPT * 3, "kept %zu bytes", strlen(answer.body));
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        judge(KINDS[i], &answer, arena);
    pl_arena_destroy(&arena);
    return 0;
}
