#include "kube/list_pages.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "kube/answer.h"
#include "kube/status.h"

namespace kube {

using base::Json;

// Of a page that is looked at beside others.
constexpr size_t kSmallPageBytes = 256 << 10;
constexpr int kPageItems = 500;

// Where one list has got to, and what its next page is asked with.
class PageReader {
 public:
  PageReader(ListPages& pages, const CollectionRef& collection,
             const ListOptions& options, std::string path)
      : pages_(pages),
        collection_(collection),
        options_(options),
        path_(std::move(path)),
        list_(pages.budget_),
        version_(options.resource_version) {}

  absl::StatusOr<ObjectList> Read(const base::Context& ctx) {
    for (int pages = 0; pages < base::kMaxListPages; ++pages) {
      const Call call = NextCall();
      std::optional<LargePageTurn> turn;
      auto page = Page(ctx, call, turn);
      if (!page.ok()) {
        if (AsksOtherwise(page.status())) continue;
        return page.status();
      }
      RETURN_IF_ERROR(Keep(call, *page));
      std::string more =
          base::StringAt(*page, "/metadata/continue").value_or("");
      if (more.empty()) return list_.Take(ResourceVersionOf(*page));
      if (more == next_) {
        return pages_.requests_.Misfit(call,
                                       "the next page is the same one again");
      }
      next_ = std::move(more);
    }
    return absl::ResourceExhaustedError(absl::StrCat(
        pages_.requests_.Where(NextCall()), ": the list has more than ",
        base::kMaxListPages, " pages"));
  }

 private:
  Call NextCall() const {
    const bool first = next_.empty();
    return {.method = "GET",
            .path = path_,
            .query = {{"labelSelector", options_.label_selector},
                      {"fieldSelector", options_.field_selector},
                      {"limit", limit_ == 0 ? "" : absl::StrCat(limit_)},
                      {"resourceVersion", first ? version_ : ""},
                      {"resourceVersionMatch",
                       first && !version_.empty() ? "NotOlderThan" : ""},
                      {"continue", next_}},
            .ref = ObjectIn(collection_, "")};
  }

  // A large one takes its `turn`, which is to be kept as long as the page is.
  absl::StatusOr<Json> Page(const base::Context& ctx, const Call& call,
                            std::optional<LargePageTurn>& turn) {
    Requests& requests = pages_.requests_;
    ASSIGN_OR_RETURN(const http::Response response, requests.Send(ctx, call));
    if (response.body.size() > kSmallPageBytes) {
      turn.emplace(&pages_.large_page_);
    }
    ASSIGN_OR_RETURN(
        Json page, JsonOf(response, requests.Where(call), base::kMaxPageBytes));
    const std::string wrong = WrongList(page, collection_);
    if (!wrong.empty()) return requests.Misfit(call, wrong);
    return page;
  }

  // Whether the page that failed with `status` is to be asked for in another
  // way.
  bool AsksOtherwise(const absl::Status& status) {
    if (absl::IsResourceExhausted(status) && limit_ > 1) {
      limit_ = std::max(1, limit_ / 8);
      version_.clear();  // The server's cache has no pages.
      return true;
    }
    if (!IsExpired(status) || next_.empty()) return false;
    // The pages outlived the server's memory of them: all at once.
    list_.Clear();
    next_.clear();
    limit_ = 0;
    version_.clear();
    return true;
  }

  absl::Status Keep(const Call& call, Json& page) {
    // Items of a list leave out what the list says once.
    const std::string kind = KindOf(page);
    for (Json& each : page["items"]) {
      Json item = std::move(each);
      if (!item.contains("kind")) {
        item["kind"] = absl::StripSuffix(kind, "List");
      }
      if (!item.contains("apiVersion")) {
        item["apiVersion"] = ApiVersionOf(call.ref);
      }
      if (options_.keep && !options_.keep(item)) continue;
      if (!list_.Add(std::move(item))) {
        return absl::ResourceExhaustedError(
            absl::StrCat(pages_.requests_.Where(call),
                         ": the list is too large: its items take more than ",
                         base::kMaxListBytes >> 20, " MiB of memory"));
      }
    }
    return absl::OkStatus();
  }

  ListPages& pages_;
  const CollectionRef& collection_;
  const ListOptions& options_;
  const std::string path_;
  ListInProgress list_;
  std::string next_;        // The token of the next page; "" for the first.
  int limit_ = kPageItems;  // 0 for all.
  std::string version_;
};

absl::StatusOr<ObjectList> ListPages::Read(const base::Context& ctx,
                                           const CollectionRef& collection,
                                           const ListOptions& options) {
  ASSIGN_OR_RETURN(std::string path, PathOf(collection));
  return PageReader(*this, collection, options, std::move(path)).Read(ctx);
}

}  // namespace kube
