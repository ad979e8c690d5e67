#include "snapshot/caps.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace actorcore::snapshot {
namespace {

struct Bound {
  double value;
  bool overridden;
};

struct LayerBounds {
  Bound min;
  Bound max;
};

// The layers that hold a cap for the dimension, by their place in the order.
struct HeldLayers {
  std::uint64_t held = 0;
  std::array<LayerBounds, Layers::count_max> bounds;
};
static_assert(Layers::count_max <= 64, "one bit a layer");

double least(double met, double next) { return next < met ? next : met; }
double greatest(double met, double next) { return next > met ? next : met; }

// One layer's bound of one kind; `caps` are of that layer and kind.
template <double (*tighter)(double, double)>
Bound layer_bound(std::span<const CapRow> caps, double clamp) {
  double baseline = 0.0, additive = 0.0, overriding = 0.0, hard = 0.0;
  bool summed = false, overridden = false, hardened = false;
  for (const CapRow& cap : caps) {
    switch (cap.mode) {
      case AC_CAP_BASELINE:
        baseline += cap.value;
        summed = true;
        break;
      case AC_CAP_ADDITIVE:
        additive += cap.value;
        summed = true;
        break;
      case AC_CAP_OVERRIDE:
        if (!overridden) overriding = cap.value;
        overridden = true;
        break;
      default:  // AC_CAP_HARD_MAX and AC_CAP_HARD_MIN; the other kind's was rejected
        hard = hardened ? tighter(hard, cap.value) : cap.value;
        hardened = true;
        break;
    }
  }
  double bound = clamp;
  const double soft = overridden ? overriding : baseline + additive;
  if ((overridden || summed) && std::isfinite(soft)) bound = tighter(bound, soft);
  if (hardened) bound = tighter(bound, hard);
  return {bound, overridden};
}

// `caps` are of one layer, those of kind max first.
LayerBounds layer_bounds(std::span<const CapRow> caps, const Dimension& dimension) {
  std::size_t max_count = 0;
  while (max_count < caps.size() && caps[max_count].kind == AC_CAP_KIND_MAX) ++max_count;
  const Bound max = layer_bound<least>(caps.first(max_count), dimension.clamp_max);
  const Bound min = layer_bound<greatest>(caps.subspan(max_count), dimension.clamp_min);
  return {{least(min.value, max.value), min.overridden}, max};
}

template <class Visit>
void each_layer(const HeldLayers& layers, Visit visit) {
  for (std::uint64_t left = layers.held; left != 0; left &= left - 1) {
    visit(layers.bounds[static_cast<std::size_t>(std::countr_zero(left))]);
  }
}

Bounds intersected(const HeldLayers& layers, const Dimension& dimension) {
  Bounds all{dimension.clamp_min, dimension.clamp_max};
  each_layer(layers, [&](const LayerBounds& layer) {
    all.min = greatest(all.min, layer.min.value);
    all.max = least(all.max, layer.max.value);
  });
  return all;
}

Bounds united(const HeldLayers& layers, const Dimension& dimension) {
  const LayerBounds& first = layers.bounds[static_cast<std::size_t>(std::countr_zero(layers.held))];
  Bounds all{first.min.value, first.max.value};
  each_layer(layers, [&](const LayerBounds& layer) {
    all.min = least(all.min, layer.min.value);
    all.max = greatest(all.max, layer.max.value);
  });
  return {greatest(dimension.clamp_min, all.min), least(dimension.clamp_max, all.max)};
}

Bounds prioritized(const HeldLayers& layers, const Dimension& dimension) {
  Bounds all = intersected(layers, dimension);
  bool min_decided = false, max_decided = false;
  each_layer(layers, [&](const LayerBounds& layer) {
    if (layer.min.overridden && !min_decided) {
      all.min = greatest(dimension.clamp_min, layer.min.value);
      min_decided = true;
    }
    if (layer.max.overridden && !max_decided) {
      all.max = least(dimension.clamp_max, layer.max.value);
      max_decided = true;
    }
  });
  return all;
}

Bounds across(const HeldLayers& layers, const Dimension& dimension, AcrossPolicy policy) {
  switch (policy) {
    case AcrossPolicy::intersect:
      return intersected(layers, dimension);
    case AcrossPolicy::unite:
      return united(layers, dimension);
    case AcrossPolicy::prioritized_override:
      return prioritized(layers, dimension);
  }
  AC_CHECK(false);
}

}  // namespace

Bounds effective_caps(std::span<const CapRow> caps, const Dimension& dimension,
                      const Registry& registry) {
  HeldLayers layers;
  while (!caps.empty()) {
    const NameId layer = caps.front().layer();
    std::size_t count = 1;
    while (count < caps.size() && caps[count].layer() == layer) ++count;
    const std::uint32_t place = registry.layer_of(layer);
    AC_DCHECK(place < Layers::count_max);
    layers.bounds[place] = layer_bounds(caps.first(count), dimension);
    layers.held |= std::uint64_t{1} << place;
    caps = caps.subspan(count);
  }
  const Bounds all = across(layers, dimension, registry.layers().across_policy);
  return {least(all.min, all.max), all.max};
}

}  // namespace actorcore::snapshot
