// A file mapped MAP_SHARED as an ArrayBuffer: processes that map the same file see each other's atomic writes.
// The memory is outside of V8's heap and never moves. Reserving the space of the file is native/map.ts's, before.
#include <sys/mman.h>
#include <sys/stat.h>

#include <cinttypes>
#include <cstdio>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

namespace {

// Marks the buffers that come from here, so that `unmap` can take no other.
constexpr napi_type_tag mappingTag = {0x9d1a7e0c52b84f36, 0xb1f04a6fe3c97d28};

// As many bytes as every supported Node can view with one typed array.
constexpr int64_t mapBytesMax = int64_t{1} << 32;

// Called on the thread of the environment that mapped, once the last user of the memory is gone: collected,
// detached, or the environment ended. The length travels in the hint, so that nothing is to be freed besides.
void release(napi_env, void* address, void* hint) { munmap(address, reinterpret_cast<uintptr_t>(hint)); }

// Touching a page beyond the end of its file is a SIGBUS, so a file of another length is not mapped at all.
bool hasLength(napi_env env, int descriptor, int64_t bytes) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    failCall(env, errno, "fstat");
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    failWith(env, "not-a-file", "only a regular file can be mapped");
    return false;
  }
  if (status.st_size == bytes) return true;
  char message[128];
  snprintf(message, sizeof message, "the file has %" PRId64 " bytes, expected %" PRId64,
           static_cast<int64_t>(status.st_size), bytes);
  failWith(env, "wrong-length", message);
  return false;
}

napi_value wrap(napi_env env, void* address, size_t bytes) {
  void* data = address;
  napi_value buffer;
  const napi_status status =
      napi_create_external_arraybuffer(env, data, bytes, release, reinterpret_cast<void*>(bytes), &buffer);
  // Only of this refusal is it certain that `release` will not be called.
  if (status == napi_no_external_buffers_allowed) {
    munmap(address, bytes);
    return failWith(env, "native-refused", "this Node does not take memory from outside of its heap");
  }
  if (!isDone(env, status) || !isDone(env, napi_type_tag_object(env, buffer, &mappingTag))) return nullptr;
  return buffer;
}

}  // namespace

napi_value map(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int descriptor;
  int64_t bytes;
  if (!readArguments(env, info, 2, values) || !readDescriptor(env, values[0], &descriptor) ||
      !readInteger(env, values[1], "bytes", 1, mapBytesMax, &bytes) || !hasLength(env, descriptor, bytes)) {
    return nullptr;
  }
  const size_t length = static_cast<size_t>(bytes);
  void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return address == MAP_FAILED ? failCall(env, errno, "mmap") : wrap(env, address, length);
}

// The views become empty now; the memory goes back before the loop has turned once more.
napi_value unmap(napi_env env, napi_callback_info info) {
  napi_value buffer;
  bool isOurs = false;
  bool isDetached = false;
  napi_value result;
  if (!readArguments(env, info, 1, &buffer)) return nullptr;
  if (napi_check_object_type_tag(env, buffer, &mappingTag, &isOurs) != napi_ok || !isOurs) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "buffer must be one that map() returned");
    return nullptr;
  }
  if (!isDone(env, napi_is_detached_arraybuffer(env, buffer, &isDetached))) return nullptr;
  if (!isDetached && !isDone(env, napi_detach_arraybuffer(env, buffer))) return nullptr;
  return isDone(env, napi_get_boolean(env, !isDetached, &result)) ? result : nullptr;
}
