// What a caller handed over, checked before it is used. Each function returns false with an exception pending when
// the value is not what it has to be: a TypeError for the wrong kind, a RangeError for the wrong value.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

constexpr int64_t safeIntegerMax = 9007199254740991;  // 2^53 - 1, the largest that a Number holds exactly

/** The arguments of this call; what the caller left out is undefined. */
bool readArguments(napi_env env, napi_callback_info info, size_t count, napi_value* values);

bool readInteger(napi_env env, napi_value value, const char* name, int64_t min, int64_t max, int64_t* result);

/** A file descriptor: its number is in range; whether it is open, the kernel says. */
bool readDescriptor(napi_env env, napi_value value, int* result);

bool readFlag(napi_env env, napi_value value, const char* name, bool* result);

/** 1 to `capacity` - 1 bytes of UTF-8 without NUL, closed with one. `length` is without it. */
bool readText(napi_env env, napi_value value, const char* name, char* result, size_t capacity, size_t* length);

/** The bytes of a Uint8Array (a Buffer is one). A detached one has length 0. */
bool readBytes(napi_env env, napi_value value, const char* name, uint8_t** data, size_t* length);
