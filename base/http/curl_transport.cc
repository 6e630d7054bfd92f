#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/http/curl_error.h"
#include "base/http/curl_handles.h"
#include "base/http/exchange.h"
#include "base/http/transport.h"
#include "base/status_macros.h"

namespace http {
namespace {

// All transfers run on one thread, since a multi handle (and with it the
// connections) belongs to one thread at a time.
class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(TransportOptions options)
      : options_(std::move(options)), multi_(MakeMulti()) {
    worker_ = std::thread([this] { Run(); });
  }

  ~CurlTransport() override {
    {
      absl::MutexLock lock(&mutex_);
      closing_ = true;
      // Within the lock: the worker destroys the handle once it knows.
      curl_multi_wakeup(multi_.get());
    }
    worker_.join();
  }

  absl::StatusOr<Response> Send(const base::Context& ctx,
                                const Request& request) override;

 private:
  static MultiHandle MakeMulti() {
    InitCurl();
    MultiHandle multi(curl_multi_init());
    curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, 25L);
    return multi;
  }

  void Start(Exchange* exchange) ABSL_LOCKS_EXCLUDED(mutex_);
  void Cancel(Exchange* exchange) ABSL_LOCKS_EXCLUDED(mutex_);

  // The worker's.
  void Run();
  bool TakeOrders() ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(Exchange* exchange, CURLcode code);
  void FinishDone();

  const TransportOptions options_;
  MultiHandle multi_;
  // The worker's. Numbers, since addresses come again: an order to cancel may
  // be late.
  std::map<int64_t, Exchange*> active_;

  absl::Mutex mutex_;
  std::vector<Exchange*> to_start_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> to_cancel_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread worker_;
};

void CurlTransport::Start(Exchange* exchange) {
  {
    absl::MutexLock lock(&mutex_);
    to_start_.push_back(exchange);
  }
  curl_multi_wakeup(multi_.get());
}

void CurlTransport::Cancel(Exchange* exchange) {
  {
    absl::MutexLock lock(&mutex_);
    to_cancel_.push_back(exchange->id());
  }
  curl_multi_wakeup(multi_.get());
  exchange->AwaitFinish();
}

void CurlTransport::Run() {
  // A write to a connection that the server has closed must not end the
  // process. libcurl would change the whole process for that.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (TakeOrders()) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    FinishDone();
    // Anything that needs the loop sooner wakes it.
    curl_multi_poll(multi_.get(), nullptr, 0, 60'000, nullptr);
  }
  multi_.reset();  // Says goodbye on its connections: on this thread, too.
}

bool CurlTransport::TakeOrders() {
  std::vector<Exchange*> to_start;
  std::vector<int64_t> to_cancel;
  {
    absl::MutexLock lock(&mutex_);
    if (closing_) return false;
    to_start.swap(to_start_);
    to_cancel.swap(to_cancel_);
  }
  for (Exchange* exchange : to_start) {
    if (curl_multi_add_handle(multi_.get(), exchange->easy()) == CURLM_OK) {
      active_.emplace(exchange->id(), exchange);
    } else {
      exchange->Finish(CURLE_FAILED_INIT);
    }
  }
  for (const int64_t id : to_cancel) {
    const auto found = active_.find(id);
    if (found == active_.end()) continue;  // Finished by itself meanwhile.
    Remove(found->second, CURLE_ABORTED_BY_CALLBACK);
  }
  return true;
}

// The caller destroys the exchange as soon as it is finished.
void CurlTransport::Remove(Exchange* exchange, CURLcode code) {
  curl_multi_remove_handle(multi_.get(), exchange->easy());
  active_.erase(exchange->id());
  exchange->Finish(code);
}

void CurlTransport::FinishDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    Remove(reinterpret_cast<Exchange*>(exchange), message->data.result);
  }
}

absl::StatusOr<Response> CurlTransport::Send(const base::Context& ctx,
                                             const Request& request) {
  RETURN_IF_ERROR(ctx.Check());
  Exchange exchange(request, options_);
  RETURN_IF_ERROR(exchange.Init());
  absl::Time end = absl::Now() + request.timeout;
  absl::Status stopped;
  const base::StopCallback on_stop =
      ctx.OnStop([&exchange] { exchange.NoteStop(); });
  Start(&exchange);
  bool finished = false;
  // Whatever ends this, an exception of on_data too, the worker must have let
  // go of the exchange.
  const absl::Cleanup let_go = [&] {
    if (!finished) Cancel(&exchange);
  };
  while (true) {
    const Exchange::News news =
        exchange.AwaitNews(std::min(ctx.deadline(), end));
    finished = news.finished;
    if (absl::Status ended = ctx.Check(); !ended.ok() && stopped.ok()) {
      if (!absl::IsCancelled(ended) ||
          request.stop_grace <= absl::ZeroDuration() ||
          !exchange.MayHaveBegun()) {
        return ended;
      }
      stopped = std::move(ended);
      end = std::min(end, absl::Now() + request.stop_grace);
    }
    if (!news.data.empty()) RETURN_IF_ERROR(request.on_data(news.data));
    if (news.finished) return exchange.TakeResult();
    if (!stopped.ok() &&
        (news.idle || absl::Now() >= std::min(end, ctx.deadline()))) {
      return stopped;
    }
    if (news.idle || absl::Now() >= end) return exchange.Overdue(news.idle);
  }
}

}  // namespace

void InitCurl() {
  static const CURLcode kInitialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kInitialized);
}

void Append(List& list, const char* text) {
  // On lack of memory the old list stays valid.
  if (curl_slist* longer = curl_slist_append(list.get(), text)) {
    list.release();  // NOLINT(bugprone-unused-return-value): `longer` has it.
    list.reset(longer);
  }
}

std::string Response::Header(absl::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(),
                   [name](const auto& header) { return header.first == name; });
  return found == headers.end() ? "" : found->second;
}

std::unique_ptr<Transport> NewTransport(TransportOptions options) {
  if (!options.proxies.has_value()) options.proxies = ReadProxyEnvironment();
  return std::make_unique<CurlTransport>(std::move(options));
}

}  // namespace http
