/* fuzz -- what the fuzz targets share.
 *
 * A target is one file `fuzz_<name>.c` with LLVMFuzzerTestOneInput(); it ends the process when
 * something that must hold does not.  Beside what the sanitizers see, each target compares two
 * ways to the same answer: that finds what reads wrongly without overrunning anything.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry points, which have no header of their own. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* Must hold, whatever came in. */
#define HOLDS(condition, ...)                    \
    do {                                         \
        if (!(condition)) {                      \
            fprintf(stderr, "%s: ", #condition); \
            fprintf(stderr, __VA_ARGS__);        \
            fputc('\n', stderr);                 \
            abort();                             \
        }                                        \
    } while (0)

#endif
