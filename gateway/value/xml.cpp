#include "gateway/value/xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <unordered_map>
#include <vector>

#include "gateway/base/text.hpp"
#include "gateway/value/xml_text.hpp"

namespace tributary::value {

namespace {

std::unexpected<Error> bad_xml(std::string what) {
    return fail(Fault::bad_input, std::move(what));
}

class XmlWalk {
  public:
    explicit XmlWalk(Builder& builder) : builder_(builder) {}

    // Recursive: the markup's depth has been checked.
    Result<void> element(pugi::xml_node node) {
        const auto text = text_of(node);
        const auto groups = group_children(node);
        if (groups.empty() && !node.first_attribute()) {
            builder_.text(text);
        } else {
            builder_.begin_object();
            CHECK_OK(attributes(node));
            if (!text.empty()) builder_.key("#text").text(text);
            for (const auto& group : groups) {
                builder_.key(group.front().name());
                if (group.size() > 1) builder_.begin_array();
                for (const auto child : group) CHECK_OK(element(child));
                if (group.size() > 1) builder_.end();
            }
            builder_.end();
        }
        return {};
    }

  private:
    Result<void> attributes(pugi::xml_node node) {
        std::vector<std::string> names;
        for (const auto attribute : node.attributes()) {
            names.push_back(fmt::format("@{}", attribute.name()));
            builder_.key(names.back()).text(attribute.value());
        }
        std::ranges::sort(names);
        if (std::ranges::adjacent_find(names) == names.end()) return {};
        return bad_xml(fmt::format("byte {}: an attribute comes twice in this element", node.offset_debug()));
    }

    // Text and CDATA of the element itself. Beside child elements white space is layout.
    static std::string text_of(pugi::xml_node node) {
        std::string text;
        bool children = false;
        for (const auto child : node.children()) {
            if (child.type() == pugi::node_element)
                children = true;
            else
                text += child.value();
        }
        const bool layout = text.find_first_not_of(" \t\r\n") == text.npos;
        return layout && (children || node.first_attribute()) ? std::string() : text;
    }

    // Elements of one name together, in the order of the first of each name.
    static std::vector<std::vector<pugi::xml_node>> group_children(pugi::xml_node node) {
        std::vector<std::vector<pugi::xml_node>> groups;
        std::unordered_map<std::string_view, std::size_t> places;
        for (const auto child : node.children()) {
            if (child.type() != pugi::node_element) continue;
            const auto [place, is_new] = places.try_emplace(child.name(), groups.size());
            if (is_new) groups.emplace_back();
            groups[place->second].push_back(child);
        }
        return groups;
    }

    Builder& builder_;
};

}  // namespace

Result<Document> parse_xml(std::string_view bytes, XmlLimits limits) {
    if (bytes.size() > limits.bytes) return bad_xml(fmt::format("the text is larger than {} bytes", limits.bytes));
    TRY(auto text, xml_as_utf8(bytes));
    CHECK_OK(check_xml_markup(text, std::min<std::size_t>(limits.depth, 1024)));
    pugi::xml_document document;
    // In place: `text` outlives the document. White space is kept, since a text may be nothing else.
    constexpr auto kOptions =
        pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_wconv_attribute | pugi::parse_ws_pcdata;
    const auto parsed = document.load_buffer_inplace(text.data(), text.size(), kOptions, pugi::encoding_utf8);
    if (!parsed) return bad_xml(fmt::format("byte {}: {}", parsed.offset, lower_ascii(parsed.description())));
    const auto root = document.document_element();
    Builder builder;
    builder.begin_object().key(root.name());
    CHECK_OK(XmlWalk(builder).element(root));
    return builder.end().take();
}

}  // namespace tributary::value
