/* pl_test_port -- ports of loopback for tests that must know theirs before somebody binds it. */
#ifndef PL_TEST_PORT_H
#define PL_TEST_PORT_H

/* Another one each time, out of a run of ports below those that the kernel gives to clients.  The
 * run is locked until this process ends, also against the stacks of tests/integration/stack.py,
 * so the port stays free while nobody of this test has it.  Aborts if there is none. */
int pl_test_port(void);

#endif
