// The process's numbers, served at /metrics of the admin listener in Prometheus' text form. Any thread.
//
// A family is made once and kept: `static auto& acked = counter("waypost_webhooks_acked_total", "Webhooks answered
// 200");`

#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <map>
#include <string>

namespace waypost {

using Labels = std::map<std::string, std::string>;

prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
// Buckets in seconds from 0.5 ms to 30 s.
prometheus::Histogram& latency(const std::string& name, const std::string& help, const Labels& labels = {});

// Gauges of one name whose labels come and go, such as the ten largest of something. One thread at a time.
class GaugeSeries {
 public:
  using Values = std::map<Labels, double>;
  GaugeSeries(const std::string& name, const std::string& help);
  // These stand from now on, and no others.
  void show(const Values& values);

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  std::map<Labels, prometheus::Gauge*> shown_;
};

// The whole registry as text/plain; version=0.0.4.
std::string metrics_text();

}  // namespace waypost
