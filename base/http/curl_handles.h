// libcurl's C handles as owning types. Internal to base/http.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace http {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// curl_global_init(), once in the process; libcurl has no other global state.
void InitCurl();

// Appends a copy of `text`.
void Append(List& list, const char* text);

}  // namespace http
