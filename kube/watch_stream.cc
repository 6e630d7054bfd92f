#include "kube/watch_stream.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "kube/status.h"

namespace kube {
namespace {

std::optional<WatchEvent::Type> TypeOf(absl::string_view text) {
  if (text == "ADDED") return WatchEvent::Type::kAdded;
  if (text == "MODIFIED") return WatchEvent::Type::kModified;
  if (text == "DELETED") return WatchEvent::Type::kDeleted;
  if (text == "BOOKMARK") return WatchEvent::Type::kBookmark;
  return std::nullopt;
}

// An ERROR event holds a Status object: the same as a failed reply.
absl::Status ErrorOf(const base::Json& object) {
  int64_t code = base::IntAt(object, "/code").value_or(0);
  if (code < 400 || code > 599) code = 500;
  const std::string reason = base::StringAt(object, "/reason").value_or("");
  const bool gone = code == 410 || reason == "Expired" || reason == "Gone";
  return StatusOfReply({.method = "WATCH",
                        .path = "event",
                        .http_code = gone ? 410 : static_cast<int>(code),
                        .body = base::DumpJson(object)});
}

}  // namespace

absl::Status WatchStream::Line(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  if (line.empty()) return absl::OkStatus();
  auto json =
      base::ParseJson(line, "watch event", {.bytes = base::kMaxObjectBytes});
  if (absl::IsResourceExhausted(json.status())) return json.status();
  if (!json.ok()) return absl::InternalError(json.status().message());
  const std::string type = base::StringAt(*json, "/type").value_or("");
  const base::Json* object = base::Find(*json, "/object");
  if (object == nullptr) {
    return absl::InternalError("a watch event has no object");
  }
  if (type == "ERROR") return ErrorOf(*object);
  const auto known = TypeOf(type);
  if (!known.has_value()) {
    return absl::InternalError(absl::StrCat("unknown watch event ", type));
  }
  return handler_({*known, *object});
}

absl::Status WatchStream::Finish() const {
  if (absl::StripAsciiWhitespace(rest_).empty()) return absl::OkStatus();
  return absl::UnavailableError("the watch ended within an event");
}

absl::Status WatchStream::Add(absl::string_view piece) {
  while (!piece.empty()) {
    const size_t end = piece.find('\n');
    if (end == absl::string_view::npos) {
      if (rest_.size() + piece.size() > base::kMaxWatchEventBytes) {
        return absl::ResourceExhaustedError(
            absl::StrCat("a watch event is larger than ",
                         base::kMaxWatchEventBytes >> 20, " MiB"));
      }
      rest_.append(piece.data(), piece.size());
      return absl::OkStatus();
    }
    const absl::string_view head = piece.substr(0, end);
    piece.remove_prefix(end + 1);
    absl::Status status;
    if (rest_.empty()) {
      status = Line(head);
    } else {
      rest_.append(head.data(), head.size());
      const std::string line = std::move(rest_);
      rest_.clear();
      status = Line(line);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace kube
