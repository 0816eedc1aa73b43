// One datagram to the service manager, as sd_notify(3) sends it.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

namespace {

// What the service manager reads of one datagram.
constexpr size_t messageBytesMax = 4096;

ssize_t sendDatagram(const sockaddr_un& address, socklen_t addressLength, const char* message, size_t length) {
  const int socketDescriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socketDescriptor < 0) return -1;
  const ssize_t sent = uninterrupted([&] {
    return sendto(socketDescriptor, message, length, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                  addressLength);
  });
  const int number = errno;
  close(socketDescriptor);
  errno = number;
  return sent;
}

}  // namespace

// `address` is a path, or a name in the abstract namespace after an `@`.
napi_value notify(napi_env env, napi_callback_info info) {
  napi_value values[2];
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  size_t addressLength;
  char message[messageBytesMax + 1];
  size_t length;
  if (!readArguments(env, info, 2, values) ||
      !readText(env, values[0], "address", address.sun_path, sizeof address.sun_path, &addressLength) ||
      !readText(env, values[1], "message", message, sizeof message, &length)) {
    return nullptr;
  }
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  // The NUL after a path is not counted: an abstract name may not have one, and a path need not.
  const socklen_t used = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + addressLength);
  if (sendDatagram(address, used, message, length) < 0) return failCall(env, errno, "sendto");
  return nullptr;
}
