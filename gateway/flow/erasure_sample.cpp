#include "gateway/flow/erasure_sample.hpp"

#include "gateway/flow/payload.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kLargestSample = 16UL << 10;  // they are kept with the request

bool is_fit(const std::string& sealed, const std::vector<SealedSample>& taken) {
    return !sealed.empty() && sealed.size() <= kLargestSample && taken.size() < kSamples;
}

}  // namespace

Result<std::vector<SealedSample>> take_samples(store::ReadSession& session, const store::PersonUids& people) {
    std::vector<SealedSample> samples;
    TRY(const auto items, session.person_rows().items(people));
    for (const auto& item : items)
        if (is_fit(item.sealed, samples) && samples.size() < kSamples / 2)
            samples.push_back(
                {item.subject, item.record, item.destination, std::string(item.op_key.view()), item.sealed});
    TRY(const auto rows, session.records().load(people.records));
    for (const auto& row : rows)
        if (row && is_fit(row->sealed, samples))
            samples.push_back({row->header.subject, row->header.uid, "", "", row->sealed});
    return samples;
}

Result<std::uint64_t> opened_samples(World& world, const std::vector<SealedSample>& samples) {
    std::uint64_t opened = 0;
    for (const auto& one : samples) {
        const auto place =
            one.destination.empty() ? record_place(one.record) : item_place(one.destination, one.record, one.op_key);
        const auto text = world.subject_keys.open(one.subject, place, one.sealed, world.key_store);
        if (text) ++opened;
        // not_found is the proof; an error of another kind proves nothing.
        if (!text && text.error().fault != Fault::not_found) return fail(text.error());
    }
    return opened;
}

}  // namespace tributary::flow
