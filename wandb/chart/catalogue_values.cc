// The table of chart values: its blocks put together.
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue_blocks.h"

namespace wandb {
namespace {

// The components themselves.
CatalogueBlock ComponentBlock() {
  CatalogueBlock block = {.chart = kCataloguedChart};
  for (const Component& component : ComponentTable()) {
    block.entries.push_back({.path = component.name,
                             .kind = ValueKind::kSection,
                             .since = component.since});
  }
  return block;
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
  std::vector<CatalogueBlock> blocks = {
      catalogue::General(),       catalogue::Components(),
      catalogue::Stores(),        catalogue::NewStores(),
      catalogue::Access(),        catalogue::NewAccess(),
      catalogue::TopLevel(),      ComponentBlock(),
      catalogue::EachComponent(), catalogue::OwnKeys(),
      catalogue::NewOwnKeys(),    catalogue::Unreleased()};
  for (CatalogueEntry& entry : blocks.back().entries) entry.unreleased = true;
  return blocks;
}

const std::vector<CatalogueEntry>& Catalogue() {
  static const base::NeverDestroyed<std::vector<CatalogueEntry>> kTable([] {
    const std::vector<CatalogueBlock> blocks = CatalogueBlocks();
    size_t size = 0;
    for (const CatalogueBlock& block : blocks) size += block.entries.size();
    std::vector<CatalogueEntry> table;
    table.reserve(size);
    for (const CatalogueBlock& block : blocks) {
      table.insert(table.end(), block.entries.begin(), block.entries.end());
    }
    return table;
  }());
  return *kTable;
}

}  // namespace wandb
