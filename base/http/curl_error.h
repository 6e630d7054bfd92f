// What libcurl's failures mean. Internal to base/http.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/http/curl_handles.h"

namespace http {

// "https://host:6443" of `url`: what a message may show of it.
std::string EndpointOf(absl::string_view url);

// The status of an exchange that ended with `code`; `easy` has its details and
// `text` what libcurl wrote into its error buffer. `proxy` is "" for none.
absl::Status StatusOfFailure(CURL* easy, CURLcode code, absl::string_view text,
                             absl::string_view url, absl::string_view proxy);

// CutAnswerCode() of `status` is `code` from now on.
void NoteCutAnswer(int code, absl::Status& status);

// kUnavailable because nothing arrived for `limit`, at all or, when `answered`,
// of the rest of the answer.
absl::Status IdleError(absl::string_view url, absl::string_view proxy,
                       bool answered, absl::Duration limit);
// kUnavailable because the connection ended within the answer's head.
absl::Status CutError(absl::string_view url, absl::string_view proxy);
// kUnavailable because the whole answer did not come within `limit`.
absl::Status TimeoutError(absl::string_view url, absl::string_view proxy,
                          absl::Duration limit);

}  // namespace http
