#include "base/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace waypost {
namespace {

prometheus::Registry& registry() {
  static prometheus::Registry whole;
  return whole;
}

}  // namespace

prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Histogram& latency(const std::string& name, const std::string& help, const Labels& labels) {
  const prometheus::Histogram::BucketBoundaries seconds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                                        0.2,    0.5,   1,     2,     5,    10,   30};
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, seconds);
}

GaugeSeries::GaugeSeries(const std::string& name, const std::string& help)
    : family_(prometheus::BuildGauge().Name(name).Help(help).Register(registry())) {}

void GaugeSeries::show(const Values& values) {
  for (const auto& [labels, value] : values) {
    auto& gauge = shown_[labels];
    if (gauge == nullptr) gauge = &family_.Add(labels);
    gauge->Set(value);
  }
  std::erase_if(shown_, [&](const auto& one) {
    if (values.contains(one.first)) return false;
    family_.Remove(one.second);
    return true;
  });
}

std::string metrics_text() { return prometheus::TextSerializer().Serialize(registry().Collect()); }

}  // namespace waypost
