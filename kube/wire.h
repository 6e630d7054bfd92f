// The pure parts of talking HTTP to an API server. Internal to kube/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/http/transport.h"
#include "base/json.h"
#include "kube/call_options.h"

namespace kube {

using Query = std::vector<std::pair<std::string, std::string>>;

// "?a=b&c=d" of those with a value, or "".
std::string QueryText(const Query& query);

// The texts of `Warning: 299 - "text"` headers, each of which may hold several.
std::vector<std::string> WarningsOf(const http::Headers& headers);

// Value of propagationPolicy.
std::string PropagationText(Propagation propagation);

// Whole seconds as the server reads them ("60s"), at least 1.
std::string SecondsText(absl::Duration duration);

// What to do about answers that no API server gives.
inline constexpr char kNoApiServer[] =
    "This is no API server, or a proxy in front of it answered in its place: "
    "open the address in a browser, and correct it or the proxy";

// Says that it is a web page, of a login for example.
bool IsHtml(const http::Response& response);

// The object in `response` to `where` ("GET https://host/path"). Something that
// answers otherwise is no API server: kFailedPrecondition, never "not found".
// kResourceExhausted where its values would take more than `max_bytes`.
absl::StatusOr<base::Json> JsonOf(const http::Response& response,
                                  absl::string_view where,
                                  size_t max_bytes = base::kMaxObjectBytes);

}  // namespace kube
