#include "tests/support/fake_replies.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/status.h"

namespace support {

using base::Json;

absl::Status Reply(const std::string& method, const kube::ObjectRef& ref,
                   int code, const Json& body, bool create_only) {
  return kube::StatusOfReply({.method = method,
                              .path = kube::PathOf(ref).value_or("/"),
                              .http_code = code,
                              .body = body.is_string() ? body.get<std::string>()
                                                       : base::DumpJson(body),
                              .ref = ref,
                              .create_only = create_only});
}

Json StatusBody(const std::string& reason, const std::string& message,
                Json details) {
  return {{"kind", "Status"},
          {"reason", reason},
          {"message", message},
          {"details", std::move(details)}};
}

absl::Status NotFound(const std::string& method, const kube::ObjectRef& ref) {
  return Reply(
      method, ref, 404,
      StatusBody("NotFound",
                 absl::StrCat(ref.resource, " \"", ref.name, "\" not found"),
                 {{"name", ref.name}, {"kind", ref.resource}}));
}

absl::Status Conflict(const std::string& method, const kube::ObjectRef& ref,
                      Json causes, bool create_only) {
  std::string message = "the object has been modified";
  if (!causes.empty()) {
    message = absl::StrCat("Apply failed with ", causes.size(), " conflict",
                           causes.size() == 1 ? "" : "s", ":");
    for (const Json& cause : causes) {
      absl::StrAppend(&message, "\n- ",
                      base::StringAt(cause, "/field").value_or(""));
    }
  }
  return Reply(method, ref, 409,
               StatusBody("Conflict", message,
                          {{"name", ref.name},
                           {"kind", ref.resource},
                           {"causes", std::move(causes)}}),
               create_only);
}

}  // namespace support
