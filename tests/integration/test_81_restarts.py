"""Each process is restarted by SIGTERM, alone as it is, while requests come: none of them fails (RULINGS 42)."""
import os
import signal
import threading

from stack import document, services, wait_for

RESTARTED = [f"{service}.1" for service in services()] + ["redis", "api-gateway"]
MEANWHILE = 10  # requests of each client begun after the restart and answered before the next


class Client(threading.Thread):
    """Asks again and again, each time over a connection of its own; keeps what was not as it should be."""
    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask, self.end, self.answered, self.failures = ask, threading.Event(), 0, []

    def run(self):
        while not self.end.is_set():
            try:
                answer = self.ask(self.answered)
                if answer.status not in (200, 201):
                    self.failures.append(answer)
            except OSError as error:
                self.failures.append(error)
            self.answered += 1


def test_no_request_fails_while_each_process_is_restarted(single):
    single.create_api("restarted")
    run = single.push("restarted", document(), "0000000")
    single.published("restarted", 1)
    clients = [Client(lambda n, path=path: single.get(path)) for path in
               ("/api/v1/apis/restarted/runs", "/api/v1/apis/restarted/artifacts", "/api/v1/notify/endpoints",
                "/api/auth/tokens", "/api/bridge/inputs", "/status/restarted/governance-summary.json")]
    clients.append(Client(lambda n: single.http("POST", f"/api/v1/apis/restarted/runs?sha={n + 1:07d}",
                                                document(f"1.0.{n}").encode())))

    def all_answered(since):
        return all(c.failures or c.answered >= n + MEANWHILE for c, n in zip(clients, since))
    for client in clients:
        client.start()
    try:
        for process in RESTARTED:
            before, old = [c.answered for c in clients], single.pid(process)
            os.kill(old, signal.SIGTERM)
            wait_for(lambda: single.state(process) == "ready" and single.pid(process) != old, 60, f"a new {process}")
            wait_for(lambda: all_answered(before), 60, f"answers after the restart of {process}")
            assert not any(c.failures for c in clients), (process, [c.failures[:2] for c in clients])
    finally:
        for client in clients:
            client.end.set()
        for client in clients:
            client.join()
    assert not any(c.failures for c in clients), [c.failures[:2] for c in clients]
    runs = single.plumb_json("runs", "list", "--api", "restarted", "--limit", "0")["runs"]
    assert [r["seq"] for r in runs] == list(range(clients[-1].answered + 1, 0, -1))
    assert runs[-1]["id"] == run["id"]
    single.published("restarted", len(runs))
