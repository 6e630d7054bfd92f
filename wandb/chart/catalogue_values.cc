// The table of chart values: its blocks put together.
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue_blocks.h"

namespace wandb {
namespace {

// The components themselves.
CatalogueBlock ComponentBlock() {
  static const base::NeverDestroyed<std::vector<CatalogueEntry>> kEntries([] {
    std::vector<CatalogueEntry> entries;
    entries.reserve(ComponentTable().size());
    for (const Component& component : ComponentTable()) {
      entries.push_back({.path = component.name,
                         .kind = ValueKind::kSection,
                         .since = component.since});
    }
    return entries;
  }());
  return {.chart = kCataloguedChart, .entries = *kEntries};
}

}  // namespace

const std::vector<absl::string_view>& Components() {
  static const base::NeverDestroyed<std::vector<absl::string_view>> kNames([] {
    std::vector<absl::string_view> names;
    for (const Component& each : ComponentTable()) names.push_back(each.name);
    return names;
  }());
  return *kNames;
}

std::vector<CatalogueBlock> CatalogueBlocks() {
  return {catalogue::General(),       catalogue::Components(),
          catalogue::Stores(),        catalogue::NewStores(),
          catalogue::Access(),        catalogue::NewAccess(),
          catalogue::TopLevel(),      ComponentBlock(),
          catalogue::EachComponent(), catalogue::OwnKeys(),
          catalogue::NewOwnKeys(),    catalogue::Unreleased()};
}

const std::vector<const CatalogueEntry*>& Catalogue() {
  using Table = std::vector<const CatalogueEntry*>;
  static const base::NeverDestroyed<Table> kTable([] {
    Table table;
    for (const CatalogueBlock& block : CatalogueBlocks()) {
      for (const CatalogueEntry& entry : block.entries) table.push_back(&entry);
    }
    return table;
  }());
  return *kTable;
}

}  // namespace wandb
