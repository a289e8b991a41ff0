#include "connectors/data/file/workbook.hpp"

#include <fmt/format.h>

#include <map>

#include "connectors/data/file/xlsx_cell.hpp"
#include "connectors/data/file/xml_elements.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::uint64_t kMostPart = 16 << 20;  // of a part that is read whole
constexpr std::size_t kLongestText = 1 << 20;  // Excel's own limit is 32,767 characters
// What both old .xls files and encrypted .xlsx files begin with (a compound file, MS-CFB 2.2).
constexpr std::string_view kCompound = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

std::unexpected<Error> bad(std::string what) {
    return fail(Fault::bad_input, std::move(what));
}

const ZipEntry* find(const std::vector<ZipEntry>& entries, std::string_view name) {
    if (name.starts_with('/')) name.remove_prefix(1);
    for (const auto& entry : entries) {
        if (equal_ignoring_case(entry.name, name)) return &entry;  // part names ignore case (part 2, 6.2.2)
    }
    return nullptr;
}

// A whole part, parsed: the root element.
Result<value::Document> read_part(SourceFile& file, const std::vector<ZipEntry>& entries, const std::string& name) {
    const auto* const entry = find(entries, name);
    if (!entry) return bad(fmt::format("the workbook has no part {}", name));
    TRY(const auto packed, locate(file, *entry));
    InflateStream stream(file, packed, kMostPart);
    std::string text;
    for (bool goes_on = true; goes_on;) {
        TRY(goes_on, stream.more(text));
    }
    if (stream.crc() != entry->crc) return bad(fmt::format("the workbook's part {} is broken", name));
    auto parsed = value::parse_xml(text);
    if (!parsed) return pass(std::move(parsed), name);
    return parsed;
}

std::string attribute(value::Node node, std::string_view name) {
    for (auto member : node) {
        const auto key = member.key();
        if (key.starts_with('@') && local_name(key.substr(1)) == name) return member.scalar_text();
    }
    return {};
}

// "xl/workbook.xml" and "worksheets/sheet1.xml" are "xl/worksheets/sheet1.xml".
std::string resolve(std::string_view base, std::string_view target) {
    if (target.starts_with('/')) return std::string(target.substr(1));
    const auto slash = base.rfind('/');
    return slash == base.npos ? std::string(target) : fmt::format("{}/{}", base.substr(0, slash), target);
}

struct Relation {
    std::string type, target;
};
Result<std::map<std::string, Relation>> relations_of(SourceFile& file, const std::vector<ZipEntry>& entries,
                                                     const std::string& part) {
    const auto slash = part.rfind('/');
    const auto name = slash == part.npos
                          ? fmt::format("_rels/{}.rels", part)
                          : fmt::format("{}/_rels/{}.rels", part.substr(0, slash), part.substr(slash + 1));
    TRY(const auto document, read_part(file, entries, name));
    std::map<std::string, Relation> out;
    for (const auto& relation : children_of(document.root().at(0), "Relationship")) {
        const auto type = attribute(relation, "Type");
        out[attribute(relation, "Id")] = {type.substr(type.rfind('/') + 1),
                                          resolve(part, attribute(relation, "Target"))};
    }
    return out;
}

std::string target_of(const std::map<std::string, Relation>& relations, std::string_view type) {
    for (const auto& [id, relation] : relations) {
        if (relation.type == type) return relation.target;
    }
    return {};
}

}  // namespace

std::vector<value::Node> children_of(value::Node node, std::string_view name) {
    std::vector<value::Node> out;
    if (!node.is(value::Kind::object)) return out;
    for (auto member : node) {
        if (local_name(member.key()) != name) continue;
        if (!member.is(value::Kind::array)) {
            out.push_back(member);
            continue;
        }
        for (auto item : member) out.push_back(item);
    }
    return out;
}

std::string string_item(value::Node item) {
    const auto text_of = [](value::Node node) {
        return node.is(value::Kind::object) ? node.find("#text").scalar_text() : node.scalar_text();
    };
    std::string out;
    for (const auto& text : children_of(item, "t")) out += text_of(text);
    for (const auto& run : children_of(item, "r")) {
        for (const auto& text : children_of(run, "t")) out += text_of(text);
    }
    return out;
}

std::optional<std::string_view> Workbook::shared(std::size_t at) const {
    if (at >= ends_.size()) return std::nullopt;
    const std::size_t begins = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(texts_).substr(begins, ends_[at] - begins);
}

Result<void> Workbook::read_shared(SourceFile& file, const ZipEntry& entry, std::uint64_t most) {
    TRY(const auto packed, locate(file, entry));
    InflateStream stream(file, packed, most);
    XmlElements items("si", kLongestText * 4);
    for (bool goes_on = true; goes_on;) {
        std::string piece;
        TRY(goes_on, stream.more(piece));
        items.feed(piece);
        for (;;) {
            TRY(const auto item, items.next());
            if (!item) break;
            TRY(const auto document, value::parse_xml(*item));
            texts_ += string_item(document.root().at(0));
            if (texts_.size() > kMostShared)
                return bad(fmt::format("the workbook's texts are more than {} MB", kMostShared >> 20));
            ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
        }
    }
    if (stream.crc() != entry.crc) return bad("the workbook's shared texts are broken");
    return {};
}

void Workbook::read_styles(value::Node styles) {
    std::map<std::string, bool> custom;
    for (const auto& list : children_of(styles, "numFmts")) {
        for (const auto& format : children_of(list, "numFmt"))
            custom[attribute(format, "numFmtId")] = is_date_code(attribute(format, "formatCode"));
    }
    for (const auto& list : children_of(styles, "cellXfs")) {
        for (const auto& style : children_of(list, "xf")) {
            const auto id = attribute(style, "numFmtId");
            const auto known = custom.find(id);
            const auto number = to_integer(id).value_or(0);
            dates_.push_back(known != custom.end()
                                 ? known->second
                                 : number > 0 && number < 1000 && is_date_format(static_cast<std::uint32_t>(number)));
        }
    }
}

Result<Workbook> Workbook::read(SourceFile& file, const std::string& sheet, std::uint64_t most) {
    TRY(const auto head, file.read_at(0, kCompound.size()));
    if (head == kCompound)
        return bad("this is an old .xls workbook, or one with a password: save it as .xlsx without a password");
    TRY(const auto entries, read_zip_directory(file));
    TRY(const auto package, relations_of(file, entries, ""));
    const auto main = target_of(package, "officeDocument");
    if (main.empty()) return bad("the zip file holds no Office document");
    TRY(const auto document, read_part(file, entries, main));
    TRY(const auto relations, relations_of(file, entries, main));

    Workbook book;
    const auto root = document.root().at(0);
    for (const auto& properties : children_of(root, "workbookPr")) {
        const auto flag = attribute(properties, "date1904");
        book.since_1904_ = flag == "1" || flag == "true";
    }
    std::vector<std::string> names;
    std::string part;
    for (const auto& list : children_of(root, "sheets")) {
        for (const auto& candidate : children_of(list, "sheet")) {
            names.push_back(attribute(candidate, "name"));
            const auto relation = relations.find(attribute(candidate, "id"));
            const bool readable = relation != relations.end() && relation->second.type == "worksheet";
            if (part.empty() && readable && (sheet.empty() || names.back() == sheet)) part = relation->second.target;
        }
    }
    if (part.empty()) return bad(fmt::format("there is no sheet {}; the workbook has {}", sheet, join(names, ", ")));
    const auto* const entry = find(entries, part);
    if (!entry) return bad(fmt::format("the workbook has no part {}", part));
    book.sheet_ = *entry;
    if (const auto styles = target_of(relations, "styles"); !styles.empty()) {
        TRY(const auto parsed, read_part(file, entries, styles));
        book.read_styles(parsed.root().at(0));
    }
    if (const auto* const texts = find(entries, target_of(relations, "sharedStrings")))
        CHECK_OK(book.read_shared(file, *texts, most));
    return book;
}

}  // namespace tributary::connectors::file
