#include "probe.h"

#include "expect.h"
#include "probe_info.h"

#include "pl_service.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MOST_EVENTS 256
#define HEADERS_MAX (64 * 1024)
#define DNS_CACHE_S 60

/* One request under way, reused for the next. */
struct slot {
    CURL *curl;
    struct prober *prober;
    const struct target *target;
    void *subject;
    struct answer answer;
    const char *refused; // why its address was
    struct slot *next_free;
    bool busy;
};

struct prober {
    CURLM *multi;
    int epoll;
    int64_t due; // pl_now_ms() at which libcurl wants to be run; -1: not
    const struct pl_ssrf_list *allow;
    const char *ca_file;
    probe_done_fn *done;
    void *owner;
    struct slot *slots, *free;
    int most, count;
};

// --- callbacks of libcurl ----------------------------------------------------------------

static int
watch(CURL *curl, curl_socket_t fd, int what, void *arg, void *known)
{
    struct prober *self = arg;
    struct epoll_event event = { .data.fd = fd };

    (void)curl;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(self->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (epoll_ctl(self->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) &&
        epoll_ctl(self->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event))
        return -1;
    curl_multi_assign(self->multi, fd, self);
    return 0;
}

static int
set_timer(CURLM *multi, long ms, void *arg)
{
    struct prober *self = arg;

    (void)multi;
    self->due = ms < 0 ? -1 : pl_now_ms() + ms;
    return 0;
}

static curl_socket_t
open_checked(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct slot *slot = arg;
    const char *why = pl_ssrf_refuses(&address->addr, slot->prober->allow);

    (void)purpose;
    if (why) {
        slot->refused = why;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
take_body(char *data, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;

    return answer_add_body(&slot->answer, data, size * count) ? size * count : 0;
}

static size_t
take_header(char *data, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;

    return answer_add_header(&slot->answer, slot->target, data, size * count) ? size * count : 0;
}

// --- what came of one --------------------------------------------------------------------

static enum sample_outcome
outcome_of(const struct slot *slot, CURLcode code)
{
    if (slot->refused)
        return SAMPLE_REFUSED;
    switch ((int)code) {
    case CURLE_OK:
        return SAMPLE_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
        return SAMPLE_DNS;
    case CURLE_COULDNT_CONNECT:
        return SAMPLE_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return SAMPLE_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return SAMPLE_TLS;
    case CURLE_WRITE_ERROR:
        return slot->answer.enough ? SAMPLE_OK : SAMPLE_BROKEN; // we hung up on a long body
    default:
        return SAMPLE_BROKEN;
    }
}

static void
release(struct prober *self, struct slot *slot)
{
    curl_multi_remove_handle(self->multi, slot->curl);
    answer_clear(&slot->answer);
    slot->busy = false;
    slot->next_free = self->free;
    self->free = slot;
    self->count--;
}

static void
finish(struct prober *self, struct slot *slot, CURLcode code)
{
    struct probe_result result = { .subject = slot->subject, .text = "" };
    char text[200] = "";
    long status = 0;

    result.outcome = outcome_of(slot, code);
    curl_easy_getinfo(slot->curl, CURLINFO_RESPONSE_CODE, &status);
    result.status = (int)status;
    probe_read_phases(slot->curl, &result);
    if (slot->target->kind == TARGET_TLS || strncmp(slot->target->host_url, "https", 5) == 0)
        result.expires = probe_read_expiry(slot->curl);
    if (result.outcome == SAMPLE_OK && slot->target->kind == TARGET_HTTP)
        result.outcome = answer_judge(&slot->answer, slot->target, (int)status, text, sizeof text);
    else if (slot->refused)
        snprintf(text, sizeof text, "not probed: %s", slot->refused);
    else if (result.outcome != SAMPLE_OK)
        snprintf(text, sizeof text, "%s", curl_easy_strerror(code));
    result.text = text;
    release(self, slot);
    self->done(self->owner, &result);
}

static void
collect(struct prober *self)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left))) {
        struct slot *slot = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        finish(self, slot, message->data.result);
    }
}

// --- begin and end -----------------------------------------------------------------------

/* What is the same for every request of a slot. */
static bool
prepare(struct slot *slot)
{
    CURL *curl = slot->curl = curl_easy_init();

    if (curl == NULL)
        return false;
    curl_easy_setopt(curl, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (*slot->prober->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, slot->prober->ca_file);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "plumbline-sampler/" PL_VERSION);
    curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, (long)DNS_CACHE_S);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, slot);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, slot);
    return true;
}

static bool
make_slots(struct prober *self)
{
    self->slots = calloc((size_t)self->most, sizeof *self->slots);
    for (int i = 0; self->slots && i < self->most; i++) {
        self->slots[i].prober = self;
        self->slots[i].next_free = self->free;
        self->free = &self->slots[i];
    }
    return self->slots != NULL;
}

int
prober_new(struct prober **out, int most, int connections, const struct pl_ssrf_list *allow,
           const char *ca_file, probe_done_fn *done, void *owner, struct pl_err *err)
{
    struct prober *self = calloc(1, sizeof *self);

    *out = self;
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->most = most;
    self->allow = allow;
    self->ca_file = ca_file;
    self->done = done;
    self->owner = owner;
    self->due = -1;
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->multi = curl_multi_init();
    if (self->epoll < 0 || self->multi == NULL || !make_slots(self))
        return pl_fail(err, INTERNAL, "libcurl could not start");
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    curl_multi_setopt(self->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return 0;
}

void
prober_destroy(struct prober **self_p)
{
    struct prober *self = *self_p;

    if (self == NULL)
        return;
    for (int i = 0; self->slots && i < self->most; i++) {
        if (self->slots[i].busy)
            curl_multi_remove_handle(self->multi, self->slots[i].curl);
        answer_clear(&self->slots[i].answer);
        curl_easy_cleanup(self->slots[i].curl);
    }
    if (self->multi)
        curl_multi_cleanup(self->multi);
    if (self->epoll >= 0)
        close(self->epoll);
    free(self->slots);
    free(self);
    *self_p = NULL;
}

int
probe_fd(const struct prober *self)
{
    return self->epoll;
}

int
probe_count(const struct prober *self)
{
    return self->count;
}

int64_t
probe_timeout_ms(const struct prober *self, int64_t most)
{
    int64_t wait = self->due < 0 ? most : self->due - pl_now_ms();

    return wait < 0 ? 0 : wait < most ? wait : most;
}

void
probe_run(struct prober *self)
{
    struct epoll_event events[MOST_EVENTS];
    int count = epoll_wait(self->epoll, events, MOST_EVENTS, 0), running;

    for (int i = 0; i < count; i++) {
        int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        curl_multi_socket_action(self->multi, events[i].data.fd, what, &running);
    }
    if (self->due >= 0 && pl_now_ms() >= self->due) {
        self->due = -1;
        curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect(self);
}

bool
probe_start(struct prober *self, const struct target *target, void *subject)
{
    struct slot *slot = self->free;
    CURL *curl;

    if (slot == NULL || (slot->curl == NULL && !prepare(slot)))
        return false;
    curl = slot->curl;
    slot->target = target;
    slot->subject = subject;
    slot->refused = NULL;
    curl_easy_setopt(curl, CURLOPT_URL, target->host_url);
    curl_easy_setopt(curl, CURLOPT_NOBODY, target->head ? 1L : 0L);
    if (!target->head)
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, target->kind == TARGET_HTTP ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)target->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, target->fresh ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, target->fresh ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_CERTINFO, strncmp(target->host_url, "https", 5) == 0 ? 1L : 0L);
    if (curl_multi_add_handle(self->multi, curl))
        return false;
    self->free = slot->next_free;
    slot->busy = true;
    self->count++;
    return true;
}

void
probe_abort_all(struct prober *self, probe_done_fn *done)
{
    for (int i = 0; i < self->most; i++) {
        struct probe_result result = { .subject = self->slots[i].subject,
                                       .outcome = SAMPLE_STALLED,
                                       .text = "the sampler could not run meanwhile" };

        if (!self->slots[i].busy)
            continue;
        release(self, &self->slots[i]);
        done(self->owner, &result);
    }
}
