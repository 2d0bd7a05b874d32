#include "net/admin/prometheus_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>

namespace tickcast::net::admin {
namespace {

class family_writer final : public actors::metric_writer {
public:
  void counter(std::string_view name, std::string_view help, actors::metric_labels labels,
               double value) override {
    add(name, help, prometheus::MetricType::Counter, std::move(labels)).counter.value = value;
  }

  void gauge(std::string_view name, std::string_view help, actors::metric_labels labels,
             double value) override {
    add(name, help, prometheus::MetricType::Gauge, std::move(labels)).gauge.value = value;
  }

  void histogram(std::string_view name, std::string_view help, actors::metric_labels labels,
                 const actors::histogram_reading& value) override {
    auto& to = add(name, help, prometheus::MetricType::Histogram, std::move(labels)).histogram;
    to.sample_sum = value.sum;
    for (std::size_t i = 0; i < value.counts.size(); ++i) {
      const double bound =
          i < value.bounds.size() ? value.bounds[i] : std::numeric_limits<double>::infinity();
      to.bucket.push_back({value.counts[i], bound});
    }
    to.sample_count = value.counts.empty() ? 0 : value.counts.back();
  }

  std::string text() const {
    std::vector<prometheus::MetricFamily> all;
    all.reserve(families_.size());
    for (const auto& [name, family] : families_) all.push_back(family);
    return prometheus::TextSerializer{}.Serialize(all);
  }

private:
  prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                actors::metric_labels&& labels) {
    auto& family = families_[std::string(name)];
    if (family.metric.empty()) {
      family.name = name;
      family.help = help;
      family.type = type;
    }
    auto& metric = family.metric.emplace_back();
    for (auto& [key, value] : labels) metric.label.push_back({std::move(key), std::move(value)});
    return metric;
  }

  std::map<std::string, prometheus::MetricFamily> families_;
};

}  // namespace

std::string prometheus_text(const std::vector<actors::metric_source>& sources) {
  family_writer writer;
  for (const auto& source : sources) source(writer);
  return writer.text();
}

}  // namespace tickcast::net::admin
