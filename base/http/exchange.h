// One request on its way through libcurl. Internal to base/http.
//
// Three threads meet here: the caller of Send(), which owns the object and
// waits in AwaitNews(); the transport's worker, which runs libcurl's callbacks
// and calls Finish(); and whoever stops the Context.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/http/curl_handles.h"
#include "base/http/transport.h"

namespace http {

class Exchange {
 public:
  // Both must outlive it.
  Exchange(const Request& request, const TransportOptions& options);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Prepares easy(). kInvalidArgument when `request` cannot be sent.
  absl::Status Init();
  CURL* easy() const { return easy_.get(); }
  // Unique in the process.
  int64_t id() const { return id_; }

  // Worker: the transfer has ended and easy() is out of the multi handle.
  void Finish(CURLcode code);
  // Any thread: wakes the caller, who will cancel.
  void NoteStop();

  struct News {
    bool finished = false;
    bool stopped = false;  // Since the last news.
    bool idle = false;     // No byte for request.idle_timeout.
    std::string data;      // Pieces for on_data.
  };
  // Caller: blocks until one of the above, or until `deadline`.
  News AwaitNews(absl::Time deadline);
  // Any thread: whether the request may have reached the server, in part.
  bool MayHaveBegun() const;
  // Caller: blocks until Finish() was called.
  void AwaitFinish();
  // Caller: the status of an exchange that is given up, because no byte came
  // for too long (`idle`) or because the whole takes too long.
  absl::Status Overdue(bool idle);
  // Caller, after Finish(): the answer, or why there is none.
  absl::StatusOr<Response> TakeResult();

 private:
  absl::Status SetTarget();
  absl::Status SetHeaders();
  void SetBody();
  absl::Status SetTls();
  absl::Status SetProxy();
  void SetConnection();
  size_t OnHeader(absl::string_view line);
  size_t OnBody(absl::string_view piece);
  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return finished_ || stopped_ || !data_.empty();
  }

  // No byte for so long ends it, as far as it has come.
  absl::Duration IdleLimit() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  static size_t HeaderCallback(char* data, size_t size, size_t count,
                               void* self);
  static size_t BodyCallback(char* data, size_t size, size_t count, void* self);
  // There is a connection, and the request is sent next.
  static int ConnectedCallback(void* self, char* remote_address,
                               char* local_address, int remote_port,
                               int local_port);

  const int64_t id_;
  const Request& request_;
  const TransportOptions& options_;
  EasyHandle easy_;
  List headers_;
  List connect_to_;
  std::string host_header_;  // Set when the URL had to name another host.
  std::string proxy_;        // As NormalizeProxy() writes it.
  char error_text_[CURL_ERROR_SIZE] = {};

  mutable absl::Mutex mutex_;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  Response response_ ABSL_GUARDED_BY(mutex_);
  std::string data_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_byte_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  CURLcode code_ ABSL_GUARDED_BY(mutex_) = CURLE_OK;
  bool head_done_ ABSL_GUARDED_BY(mutex_) = false;  // Status and headers.
  bool too_large_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace http
