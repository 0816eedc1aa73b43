// A listening socket that shares its port with those of other processes (SO_REUSEPORT), for Node, which has no such
// option before version 22.12.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

namespace {

// Connections that wait to be accepted; the kernel takes less where it is set up so.
constexpr int backlog = 511;

bool setFlag(int descriptor, int level, int option, int value) {
  return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

// False with errno and the name of the call.
bool open(int descriptor, const sockaddr* address, socklen_t length, const char** call) {
  *call = "setsockopt";
  if (!setFlag(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) || !setFlag(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) {
    return false;
  }
  // `::` takes IPv4 too, whatever the machine's default.
  if (address->sa_family == AF_INET6 && !setFlag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0)) return false;
  *call = "bind";
  if (bind(descriptor, address, length) != 0) return false;
  *call = "listen";
  return listen(descriptor, backlog) == 0;
}

int listenAt(const sockaddr* address, socklen_t length, const char** call) {
  *call = "socket";
  const int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  if (open(descriptor, address, length, call)) return descriptor;
  const int number = errno;
  close(descriptor);
  errno = number;
  return -1;
}

}  // namespace

// `address` is IPv4 or IPv6 in text form; the descriptor of the socket, which the caller closes.
napi_value listenOn(napi_env env, napi_callback_info info) {
  napi_value values[2];
  char text[INET6_ADDRSTRLEN];
  size_t length;
  int64_t port;
  napi_value result;
  if (!readArguments(env, info, 2, values) ||
      !readText(env, values[0], "address", text, sizeof text, &length) ||
      !readInteger(env, values[1], "port", 0, 65535, &port)) {
    return nullptr;
  }
  sockaddr_in four = {};
  sockaddr_in6 six = {};
  four.sin_family = AF_INET;
  six.sin6_family = AF_INET6;
  four.sin_port = six.sin6_port = htons(static_cast<uint16_t>(port));
  const bool isFour = inet_pton(AF_INET, text, &four.sin_addr) == 1;
  if (!isFour && inet_pton(AF_INET6, text, &six.sin6_addr) != 1) {
    return failWith(env, "EINVAL", "address is neither IPv4 nor IPv6");
  }
  const char* call;
  const int descriptor = isFour ? listenAt(reinterpret_cast<const sockaddr*>(&four), sizeof four, &call)
                                : listenAt(reinterpret_cast<const sockaddr*>(&six), sizeof six, &call);
  if (descriptor < 0) return failCall(env, errno, call);
  return isDone(env, napi_create_int32(env, descriptor, &result)) ? result : nullptr;
}
