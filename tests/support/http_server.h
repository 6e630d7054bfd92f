// A scripted HTTP/1.1 server on 127.0.0.1, for tests of what can go wrong: it
// answers each request with the next reply of its script, however odd.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace support {

struct ScriptedReply {
  int status = 200;
  std::map<std::string, std::string> headers;
  std::string body;  // Sent with its length, unless `pieces` are given.

  // Sent one by one in chunked encoding, `pause` apart.
  std::vector<std::string> pieces;
  absl::Duration pause;

  absl::Duration delay;  // Before the first byte.
  // The connection ends after so many bytes of the answer.
  std::optional<size_t> cut;
  bool reset = false;         // By RST; without `cut`, before any byte.
  absl::Duration byte_pause;  // After each byte.
  bool half = false;          // Ends the connection without the last byte (of a
                              // body), or without the last chunk (of pieces).
  bool hold = false;          // Then keeps the connection open and silent.
  bool keep_alive = true;     // Else "Connection: close".
};

struct ReceivedRequest {
  std::string method;
  std::string target;                          // Path and query.
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
  absl::Time time;
};

// Thread-safe. Stops when it is destroyed, whatever clients do.
class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Requests beyond the script get a 500 that no client retries.
  void Script(std::vector<ScriptedReply> replies);
  // After the script, all requests get this.
  void Always(ScriptedReply reply);

  std::string url() const;  // "http://127.0.0.1:12345"
  int port() const { return port_; }
  std::vector<ReceivedRequest> requests() const;
  // Until so many requests have come.
  void AwaitRequests(size_t count) const;
  int connections() const { return connections_; }

 private:
  void Accept();
  void Serve(int connection);
  bool Answer(int connection, const ScriptedReply& reply);
  bool Write(int connection, absl::string_view data, absl::Duration pause);
  ScriptedReply Next(ReceivedRequest request);
  // False when the server stops first.
  bool Pause(absl::Duration duration);

  int port_ = 0;  // Before listener_, whose making sets it.
  int listener_ = -1;
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<ScriptedReply> script_ ABSL_GUARDED_BY(mutex_);
  ScriptedReply fallback_ ABSL_GUARDED_BY(mutex_);
  std::vector<ReceivedRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> sockets_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

// A port of 127.0.0.1 where nobody listens.
int ClosedPort();

}  // namespace support
