// Lists of any length, page by page.
#pragma once

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/context.h"
#include "kube/call_options.h"
#include "kube/list_budget.h"
#include "kube/object_ref.h"
#include "kube/requests.h"

namespace kube {

// Thread-safe: its lists share what memory there is for them (list_budget.h).
class ListPages {
 public:
  // `requests` outlives it.
  explicit ListPages(Requests& requests) : requests_(requests) {}

  // As Client::List().
  absl::StatusOr<ObjectList> Read(const base::Context& ctx,
                                  const CollectionRef& collection,
                                  const ListOptions& options);

 private:
  friend class PageReader;

  Requests& requests_;
  ListBudget budget_;
  absl::Mutex large_page_;  // Held while there is one in memory.
};

}  // namespace kube
