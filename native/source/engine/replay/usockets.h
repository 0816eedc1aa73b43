// The functions of µSockets, the sockets below uWebSockets.js, as its 20.51 exports them. Found at run time in the engine
// that is loaded: nothing is linked with it.
#pragma once

struct us_socket_t;
struct us_socket_context_t;
struct us_loop_t;

namespace replay {

using OnSocket = us_socket_t* (*)(us_socket_t*);
using OnData = us_socket_t* (*)(us_socket_t*, char*, int);

// What the first argument of most of them says: whether it is over TLS.
constexpr int plain = 0;
constexpr int secure = 1;
// Of us_poll_events and us_poll_change, which libuv's are.
constexpr int readable = 1;
constexpr int writable = 2;

struct Usockets {
  us_socket_context_t* (*contextOf)(int ssl, us_socket_t*);
  us_loop_t* (*loopOf)(int ssl, us_socket_context_t*);
  void (*onData)(int ssl, us_socket_context_t*, OnData);
  void (*onWritable)(int ssl, us_socket_context_t*, OnSocket);
  int (*write)(int ssl, us_socket_t*, const char*, int length, int more);
  int (*writeBoth)(int ssl, us_socket_t*, const char*, int, const char*, int);
  void (*timeout)(int ssl, us_socket_t*, unsigned seconds);
  us_socket_t* (*close)(int ssl, us_socket_t*, int code, void* reason);
  // A socket is a poll.
  int (*fdOf)(us_socket_t*);
  int (*events)(us_socket_t*);
  void (*watch)(us_socket_t*, us_loop_t*, int events);

  // False when the engine is not loaded, or lacks one of them.
  bool find();
};

// Makes `next` what the context calls, by `set`; returns what it called before, or nullptr when that cannot be told.
void* exchange(int ssl, us_socket_context_t* context, void (*set)(int, us_socket_context_t*, const Usockets&, void*),
               const Usockets& sockets, void* next);

}  // namespace replay
