// The addon as JavaScript sees it: its functions, and what it was built from. It keeps no state of its own, so any
// number of environments (worker threads) may load it.
#include "failure.h"
#include "functions.h"

namespace {

// Raised whenever a function changes: native/addon.ts refuses an addon that was built from other sources.
constexpr int32_t interfaceVersion = 5;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool isSanitised = true;
#else
constexpr bool isSanitised = false;
#endif

napi_property_descriptor method(const char* name, napi_callback call) {
  return {name, nullptr, call, nullptr, nullptr, nullptr, napi_enumerable, nullptr};
}

napi_property_descriptor constant(const char* name, napi_value value) {
  return {name, nullptr, nullptr, nullptr, nullptr, value, napi_enumerable, nullptr};
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value version;
  napi_value compiler;
  napi_value sanitised;
  if (!isDone(env, napi_create_int32(env, interfaceVersion, &version)) ||
      !isDone(env, napi_create_string_utf8(env, __VERSION__, NAPI_AUTO_LENGTH, &compiler)) ||
      !isDone(env, napi_get_boolean(env, isSanitised, &sanitised))) {
    return nullptr;
  }
  const napi_property_descriptor properties[] = {
      method("map", map),
      method("unmap", unmap),
      method("flock", flockNow),
      method("readNow", readNow),
      method("readNowIsPlain", readNowIsPlain),
      method("allocate", allocate),
      method("listenOn", listenOn),
      method("notify", notify),
      method("runWhenIdle", runWhenIdle),
      method("giveWay", giveWay),
      constant("interfaceVersion", version),
      constant("compiler", compiler),
      constant("isSanitised", sanitised),
  };
  return isDone(env, napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties))
             ? exports
             : nullptr;
}
