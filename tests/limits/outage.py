"""Acceptance G: Redis hangs, dies, forgets, is full, may only be read, loads. What waits, what passes."""
import signal
import statistics
import time

from fleet import Fleet, policy, wait_for

RATE, BURST, OFFERED, WAIT_MS = 1000, 500, 600, 10
NOISE_MS = 5  # of the machine, and of the loop that asks
TRIES = 3


def hang(fleet):
    fleet.redis.signal(signal.SIGSTOP)
    return lambda: fleet.redis.signal(signal.SIGCONT)


def kill(fleet):
    fleet.redis.kill()
    return fleet.redis.start


def say(*ill, well=None):
    def begin(fleet):
        fleet.redis.say(*ill, timeout=0.05 if ill[0] == "DEBUG" else 5)
        return lambda: well and fleet.redis.say(*well)
    return begin


def load_slowly(fleet):
    """Restarted with so much to read that it says LOADING for a while."""
    fleet.redis.say("DEBUG", "POPULATE", "200000", "filler", "100", timeout=30)
    fleet.redis.say("SAVE", timeout=60)
    fleet.redis.kill()
    fleet.redis.path.unlink(missing_ok=True)
    fleet.redis.options = ("--enable-debug-command", "yes", "--key-load-delay", "5", "--loading-process-events-interval-bytes", "1024",
                           "--dbfilename", "dump.rdb")
    fleet.redis.start()
    return lambda: wait_for(lambda: "\nloading:0" in (fleet.redis.say("INFO") or ""), "the load")


# name, how it begins, how long it lasts, whether anybody is to notice
SICKNESSES = (
    ("hangs (SIGSTOP)", hang, 3, True),
    ("killed, restarted empty", kill, 3, True),
    ("FLUSHALL", say("FLUSHALL"), 0, False),
    ("SCRIPT FLUSH", say("SCRIPT", "FLUSH"), 0, False),
    ("CLIENT PAUSE 2000", say("CLIENT", "PAUSE", "2000"), 2, True),
    ("DEBUG SLEEP 2", say("DEBUG", "SLEEP", "2"), 2, True),
    ("full (OOM)", say("CONFIG", "SET", "maxmemory", "1", well=("CONFIG", "SET", "maxmemory", "0")), 2, True),
    ("read-only", say("REPLICAOF", "127.0.0.1", "1", well=("REPLICAOF", "NO", "ONE")), 2, True),
    ("LOADING", load_slowly, 2, True),
)


def measure(begin, seconds):
    """Two fleets at the same load on the same machine: the Redis of one falls ill, that of the other is what to compare with."""
    settings = {"env": {"PLUMB_LIMIT_WAIT_MS": str(WAIT_MS)}, "redis_options": ("--enable-debug-command", "yes")}
    with Fleet(policy(RATE, BURST), 2, **settings) as fleet, Fleet(policy(RATE, BURST), 2, **settings) as well:
        loads = [f.start_offer(4 + seconds, rate=OFFERED) for f in (fleet, well)]
        time.sleep(2)
        heal = begin(fleet)
        time.sleep(seconds)
        heal()
        healed = time.monotonic()
        wait_for(lambda: not any(map(fleet.is_open, fleet.gateways)), "the breakers")
        recovery = time.monotonic() - healed
        got, control = (f.result(load) for f, load in zip((fleet, well), loads))
        waits = sum(g.metric('gateway_limit_fallback_total{reason="timeout"}') for g in fleet.gateways)
        turned = sum(g.metric('gateway_breaker_transitions_total{dependency="redis",to="open"}') for g in fleet.gateways)
    return got, control, recovery, waits, turned


def p99s(got, control, seconds):
    """Of tenths of a second, ill and well: (in the first half second, at most), (later, in the middle)."""
    ill, well = ([t[5] for t in g["tenths"]] for g in (got, control))
    first, later = slice(19, 25), slice(25, 20 + max(seconds, 1) * 10)
    return (max(ill[first]), max(well[first])), (statistics.median(ill[later]), statistics.median(well[later]))


def one(check, name, begin, seconds, noticed):
    """What is late because of Redis is late every time; what is late because of this machine is not."""
    right = True
    for _ in range(TRIES):
        got, control, recovery, waits, turned = measure(begin, seconds)
        (first, first_well), (later, later_well) = p99s(got, control, seconds)
        bad = got["unavailable"] + got["other"] + got["failed"]
        right = right and (bad == 0 and got["limited"] == 0 and recovery < 1 and waits <= 2 * 5 * 3
                           and (turned <= 4 if noticed else turned == 0))
        in_time = first <= first_well + WAIT_MS + NOISE_MS and later <= later_well + NOISE_MS
        if in_time or not right:
            break
    check("G", f"{name}: p99 in its first half second {first:.1f} ms (healthy {first_well:.1f}), then {later:.1f} "
          f"(healthy {later_well:.1f}); {waits:.0f} waited in vain; recovered in {recovery:.2f} s; {got['limited']} refused, "
          f"{bad} failed; {turned:.0f} breakers opened", right and in_time)


def policies(check):
    for away, wanted in (("open", "good"), ("closed", "unavailable"), ("local", None)):
        with Fleet(policy(100, 20, away=away), 4) as fleet:
            wait_for(lambda: all(g.metric("gateway_limit_gateways ") == 4 for g in fleet.gateways), "the count")
            fleet.redis.kill()
            wait_for(lambda: all(map(fleet.is_open, fleet.gateways)), "the breakers")
            got = fleet.offer(5, rate=400)
            if wanted:
                check("G", f"away: {away}: {got[wanted]} of {got['sent']} {wanted}", got[wanted] >= got["sent"] - 16)
            else:
                most = 1.2 * (20 + 100 * got["seconds"])
                check("G", f"away: local: 4 gateways together admit {got['good']} of {20 + 100 * got['seconds']:.0f}",
                      got["good"] <= most)
            health = fleet.gateways[0].get("/health").read().decode()
            check("G", "health is degraded, not dead", '"status":"degraded"' in health)


def run(check):
    policies(check)
    for sickness in SICKNESSES:
        one(check, *sickness)
