#include "gateway/identity/names.hpp"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "gateway/base/text.hpp"
#include "gateway/record/text.hpp"

namespace tributary::identity {

namespace {

struct Surname {
    std::string_view han, latin;
};
// Surnames that are read otherwise than the same character elsewhere; two characters before one.
constexpr Surname kSurnames[] = {
    {"尉迟", "yu chi"},  {"尉遲", "yu chi"}, {"万俟", "mo qi"}, {"長孫", "zhang sun"}, {"长孙", "zhang sun"},
    {"令狐", "ling hu"}, {"单", "shan"},     {"單", "shan"},    {"曾", "zeng"},        {"解", "xie"},
    {"仇", "qiu"},       {"区", "ou"},       {"區", "ou"},      {"查", "zha"},         {"盖", "ge"},
    {"蓋", "ge"},        {"翟", "zhai"},     {"缪", "miao"},    {"繆", "miao"},        {"朴", "piao"},
    {"任", "ren"},       {"华", "hua"},      {"華", "hua"},     {"覃", "qin"},         {"员", "yun"},
    {"員", "yun"},       {"种", "chong"},    {"乐", "yue"},     {"樂", "yue"},         {"秘", "bi"},
    {"冼", "xian"},      {"逄", "pang"},     {"折", "she"},     {"黑", "he"},          {"谌", "chen"},
    {"諶", "chen"},      {"车", "che"},      {"車", "che"},     {"卜", "bu"},          {"召", "shao"},
    {"祭", "zhai"},      {"繁", "po"},       {"尹", "yin"},     {"臧", "zang"},        {"柏", "bai"},
    {"洗", "xian"},      {"隗", "wei"},      {"宓", "mi"},      {"晟", "cheng"},       {"撒", "sa"},
    {"幺", "yao"},       {"郇", "xun"},      {"郗", "xi"},      {"纪", "ji"}};

constexpr std::string_view kHonorifics[] = {"mr",   "mrs",  "ms",  "miss", "dr", "prof",
                                            "herr", "frau", "mme", "mlle", "sr", "sra"};

// Letters and digits; everything else parts words, apostrophes vanish.
std::string only_words(std::string_view text) {
    std::string words;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z'))
            words += c;
        else if (c != '\'' && c != '`' && !words.empty() && words.back() != ' ')
            words += ' ';
    }
    if (words.ends_with(' ')) words.pop_back();
    return words;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::u32string code_points(std::string_view text) {
    const auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    std::u32string points;
    for (int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1))
        points += static_cast<char32_t>(wide.char32At(i));
    return points;
}

template <class Text>
double similarity(const Text& a, const Text& b) {
    if (a.empty() || b.empty()) return a.empty() && b.empty() ? 1 : 0;
    const std::size_t longest = std::max(a.size(), b.size());
    const std::size_t window = longest / 2 > 0 ? longest / 2 - 1 : 0;
    std::vector<bool> taken_a(a.size()), taken_b(b.size());
    std::size_t matches = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t last = std::min(i + window + 1, b.size());
        for (std::size_t j = i > window ? i - window : 0; j < last; ++j) {
            if (taken_b[j] || a[i] != b[j]) continue;
            taken_a[i] = taken_b[j] = true;
            ++matches;
            break;
        }
    }
    if (matches == 0) return 0;
    std::size_t swapped = 0;
    for (std::size_t i = 0, j = 0; i < a.size(); ++i) {
        if (!taken_a[i]) continue;
        while (!taken_b[j]) ++j;
        swapped += a[i] != b[j++];
    }
    const auto m = static_cast<double>(matches);
    const double jaro = (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
                         (m - static_cast<double>(swapped / 2)) / m) /
                        3;
    std::size_t prefix = 0;
    while (prefix < std::min({a.size(), b.size(), std::size_t{4}}) && a[prefix] == b[prefix]) ++prefix;
    return jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro);
}

}  // namespace

double jaro_winkler(std::string_view a, std::string_view b) {
    if (is_ascii(a) && is_ascii(b)) return similarity(a, b);
    return similarity(code_points(a), code_points(b));
}

struct NameFolder::Impl {
    explicit Impl(std::size_t most) : half(most / 2 + 1) {}

    // REQUIRES: the lock is held; ICU's transliterators and the two generations are not safe alone.
    std::string romanise(std::string_view name) {
        if (!transliterator) {
            UErrorCode status = U_ZERO_ERROR;
            transliterator.reset(icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, status));
        }
        std::string latin;
        for (const auto& [han, reading] : kSurnames) {
            if (!name.starts_with(han)) continue;
            latin = std::string(reading) + " ";
            name.remove_prefix(han.size());
            break;
        }
        auto rest = icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
        if (transliterator) transliterator->transliterate(rest);
        rest.toUTF8String(latin);
        return only_words(record::fold_key(latin));
    }

    std::mutex mutex;
    std::unique_ptr<icu::Transliterator> transliterator;      // made when the first such name comes: it takes long
    std::unordered_map<std::string, std::string> fresh, old;  // two generations: a full new one becomes the old one
    std::size_t half;
};

NameFolder::NameFolder(std::size_t remembered) : impl_(std::make_unique<Impl>(remembered)) {}
NameFolder::~NameFolder() = default;
NameFolder::NameFolder(NameFolder&&) noexcept = default;
NameFolder& NameFolder::operator=(NameFolder&&) noexcept = default;

std::string NameFolder::fold(std::string_view name) const {
    if (is_ascii(name)) return only_words(record::fold_key(name));
    const std::lock_guard lock(impl_->mutex);
    const std::string key(name);
    for (const auto* generation : {&impl_->fresh, &impl_->old})
        if (const auto found = generation->find(key); found != generation->end()) return found->second;
    if (impl_->fresh.size() >= impl_->half) {
        impl_->old = std::move(impl_->fresh);
        impl_->fresh.clear();
    }
    return impl_->fresh.insert_or_assign(key, impl_->romanise(name)).first->second;
}

FoldedName fold_name(value::Node name, const NameFolder& folder) {
    FoldedName folded;
    folded.family = folder.fold(name.find("family").text());
    for (const auto member : {"full", "legal", "trading"})
        if (folded.full.empty()) folded.full = folder.fold(name.find(member).text());
    if (folded.full.empty()) {
        folded.full = folder.fold(name.find("given").text());
        if (!folded.full.empty() && !folded.family.empty()) folded.full += ' ';
        folded.full += folded.family;
    }
    std::vector<std::string_view> words;
    for (const auto word : split(folded.full, ' '))
        if (!word.empty()) words.push_back(word);
    if (words.size() > 2 && std::ranges::find(kHonorifics, words.front()) != std::end(kHonorifics))
        words.erase(words.begin());
    auto joined = [&] {
        std::string text;
        for (const auto word : words) text.append(text.empty() ? "" : " ").append(word);
        return text;
    };
    auto full = joined();
    std::ranges::sort(words);
    folded.sorted = joined();
    folded.full = std::move(full);
    return folded;
}

double likeness(const FoldedName& a, const FoldedName& b) {
    if (a.full.empty() || b.full.empty()) return 0;
    return std::max(jaro_winkler(a.full, b.full), jaro_winkler(a.sorted, b.sorted));
}

}  // namespace tributary::identity
