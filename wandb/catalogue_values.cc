// The table of chart values: its blocks put together.
#include "wandb/catalogue_blocks.h"

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

std::vector<CatalogueBlock> MakeBlocks() {
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

}  // namespace

const std::vector<absl::string_view>& Components() {
  static const auto* const kNames = [] {  // NOLINT: never destroyed
    auto* names = new std::vector<absl::string_view>();
    for (const Component& each : ComponentTable()) names->push_back(each.name);
    return names;
  }();
  return *kNames;
}

const std::vector<CatalogueBlock>& CatalogueBlocks() {
  static const auto* const kBlocks =  // NOLINT: never destroyed
      new std::vector<CatalogueBlock>(MakeBlocks());
  return *kBlocks;
}

const std::vector<CatalogueEntry>& Catalogue() {
  static const auto* const kTable = [] {  // NOLINT: never destroyed
    auto* table = new std::vector<CatalogueEntry>();
    for (const CatalogueBlock& block : CatalogueBlocks()) {
      table->insert(table->end(), block.entries.begin(), block.entries.end());
    }
    return table;
  }();
  return *kTable;
}

}  // namespace wandb
