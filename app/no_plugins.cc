// Part of static builds only. These functions of the C library load shared
// objects at run time: name service plugins, OpenSSL's modules. A static
// program must not, since what it finds was made for another C library. gRPC,
// OpenSSL and c-ares refer to them on paths that we never take; here they fail,
// as they do where nothing is found. Names are looked up by c-ares alone.
//
// The linker's --wrap (cmake/TfwStatic.cmake) leads every call here.
#include <netdb.h>

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
extern "C" {

int __wrap_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  return EAI_FAIL;
}

void __wrap_freeaddrinfo(addrinfo*) {}

int __wrap_getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*,
                       socklen_t, int) {
  return EAI_FAIL;
}

hostent* __wrap_gethostbyname(const char*) { return nullptr; }

servent* __wrap_getservbyname(const char*, const char*) { return nullptr; }

int __wrap_getservbyport_r(int, const char*, servent*, char*, size_t,
                           servent** result) {
  *result = nullptr;
  return 0;
}

void* __wrap_dlopen(const char*, int) { return nullptr; }

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
