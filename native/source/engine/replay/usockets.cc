#include "usockets.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace replay {

namespace {

constexpr char fileName[] = "uws.node";

int noteEngine(dl_phdr_info* info, std::size_t, void* into) {
  const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  const std::size_t length = sizeof fileName - 1;
  if (name.size() < length || name.compare(name.size() - length, length, fileName) != 0) return 0;
  *static_cast<std::string*>(into) = name;
  return 1;
}

void* openEngine() {
  std::string name;
  dl_iterate_phdr(noteEngine, &name);
  return name.empty() ? nullptr : dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
}

template <typename Function>
bool set(void* engine, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(engine, name));
  return function != nullptr;
}

// Of a context, whose first members these functions are, behind those of a plain one the ones for TLS: the engine's data, which
// lies behind them, is longer.
constexpr std::size_t words = 36;

}  // namespace

bool Usockets::find() {
  void* engine = openEngine();
  return engine != nullptr && set(engine, "us_socket_context", contextOf) && set(engine, "us_socket_context_loop", loopOf) &&
         set(engine, "us_socket_context_on_data", onData) && set(engine, "us_socket_context_on_writable", onWritable) &&
         set(engine, "us_socket_write", write) && set(engine, "us_socket_write2", writeBoth) &&
         set(engine, "us_socket_timeout", timeout) && set(engine, "us_socket_close", close) && set(engine, "us_poll_fd", fdOf) && set(engine, "us_poll_events", events) &&
         set(engine, "us_poll_change", watch);
}

void* exchange(int ssl, us_socket_context_t* context, void (*set)(int, us_socket_context_t*, const Usockets&, void*),
               const Usockets& sockets, void* next) {
  // There is no function that tells what is set: it is what changes when it is set.
  void* before[words];
  std::memcpy(before, context, sizeof before);
  set(ssl, context, sockets, next);
  void* after[words];
  std::memcpy(after, context, sizeof after);
  void* previous = nullptr;
  int changes = 0;
  for (std::size_t at = 0; at < words; ++at) {
    if (before[at] == after[at]) continue;
    changes += 1;
    previous = after[at] == next ? before[at] : nullptr;
  }
  if (changes != 1 || previous == nullptr) std::memcpy(static_cast<void*>(context), before, sizeof before);
  return changes == 1 ? previous : nullptr;
}

}  // namespace replay
