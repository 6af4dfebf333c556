// Numbers as text, shared by Print and String. Each function writes into the buffer it is given, zero at the end, and
// returns where in it the text begins.
#pragma once

#include <stddef.h>

static const size_t INTEGER_TEXT = 66; // a sign, 64 binary digits, the zero
static const size_t FLOAT_TEXT = 48;   // a sign, ten digits, the point, up to MAX_DECIMALS, the zero
static const unsigned char MAX_DECIMALS = 30;

const char *unsigned_text(char *buffer, unsigned long long value, unsigned char base);
const char *signed_text(char *buffer, long long value, unsigned char base);

// Rounded to `decimals`; "nan", "inf", and "ovf" where the whole part passes 2^32, as on other Arduino boards.
const char *float_text(char *buffer, double value, unsigned char decimals);
