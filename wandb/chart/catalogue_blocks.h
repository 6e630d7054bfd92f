// The blocks of the catalogue, each with what was read from one version of the
// chart. Facts only; what is done with them is elsewhere.
//
// `since` and `until` are exact where the versions between were at hand.
// Otherwise `since` is the first version that may have the key, so that nobody
// is told of a key that his chart reads that it is too new.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/chart/catalogue.h"

namespace wandb::catalogue {

// Of `sizing`, in the charts that were read; others may be defined there.
inline constexpr absl::string_view kSizes =
    "small|medium|large|xlarge|xxlarge|testing|default";

CatalogueBlock General();     // `global`: what is for all components.
CatalogueBlock Components();  // `global`: what is for some.
CatalogueBlock Stores();      // Databases, queues and buckets.
CatalogueBlock NewStores();   // What is newer of them.
CatalogueBlock Access();      // Who may come in, and from where.
CatalogueBlock NewAccess();
CatalogueBlock TopLevel();       // Sections that are no components.
CatalogueBlock EachComponent();  // `*`.
CatalogueBlock OwnKeys();        // What only one component reads.
CatalogueBlock NewOwnKeys();
CatalogueBlock Unreleased();

}  // namespace wandb::catalogue
