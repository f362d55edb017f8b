// product, product_list, catalog_message: what a catalogue has.

#include "conversation/interactive_rules.h"

namespace waypost {
namespace {

constexpr std::size_t kSections = 10;
constexpr std::size_t kProducts = 30;  // of all sections together
constexpr std::size_t kTitleCharacters = 24;

}  // namespace

void check_product(const Part& action) {
  action.text("catalog_id");
  action.text("product_retailer_id");
}

void check_product_list(const Part& action) {
  action.text("catalog_id");
  const auto sections = action.list("sections", {.most = kSections});
  std::size_t products = 0;
  for (const auto& section : sections) {
    if (sections.size() > 1) section.text("title", {.most = kTitleCharacters});
    if (sections.size() == 1) section.maybe_text("title", {.least = 0, .most = kTitleCharacters});
    const auto items = section.list("product_items");
    for (const auto& item : items) item.text("product_retailer_id");
    products += items.size();
  }
  if (products > kProducts) {
    action.complain("sections",
                    "at most " + std::to_string(kProducts) + " products in all, has " + std::to_string(products));
  }
}

void check_catalog(const Part& action) {
  action.word("name", {"catalog_message"});
  if (const auto parameters = action.maybe_object("parameters"))
    parameters->maybe_text("thumbnail_product_retailer_id");
}

}  // namespace waypost
