/* store_number -- a whole number as a statement's parameter, which is text. */
#ifndef STORE_NUMBER_H
#define STORE_NUMBER_H

#include <inttypes.h>
#include <stdio.h>

#define NUMBER 24 // room for an int64 as text

static inline const char *
number(char text[NUMBER], int64_t value)
{
    snprintf(text, NUMBER, "%" PRId64, value);
    return text;
}

#endif
