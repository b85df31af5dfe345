// The same lines as Codable types, the way that a program with Foundation would read them.
import Foundation

/// Any line, its properties by what they belong to.
struct DecodableLine: Decodable {
  let id: String?
  let from: String?
  let to: String?
  let props: (any Decodable)?

  fileprivate enum Key: String, CodingKey { case node, id, props, edge, from, to }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let node = try container.decodeIfPresent(String.self, forKey: .node)
    id = try container.decodeIfPresent(String.self, forKey: .id)
    let edge = try container.decodeIfPresent(String.self, forKey: .edge)
    from = try container.decodeIfPresent(String.self, forKey: .from)
    to = try container.decodeIfPresent(String.self, forKey: .to)
    props = try container.contains(.props) ? container.decode(node ?? edge ?? "") : nil
  }
}

extension KeyedDecodingContainer<DecodableLine.Key> {
  /// The properties of that kind or edge.
  fileprivate func decode(_ owner: String) throws -> any Decodable {
    switch owner {
    case "Package": try decode(PackageProps.self, forKey: .props)
    case "Person", "Suite", "Team": try decode(NamedProps.self, forKey: .props)
    case "Source": try decode(SourceProps.self, forKey: .props)
    case "Update": try decode(UpdateProps.self, forKey: .props)
    case "VirtualPackage": try decode(VirtualProps.self, forKey: .props)
    case "Upload": try decode(UploadProps.self, forKey: .props)
    case "Vulnerability": try decode(YearProps.self, forKey: .props)
    case "Advisory": try decode(AdvisoryProps.self, forKey: .props)
    case "KnownExploited": try decode(ExploitedProps.self, forKey: .props)
    case "Module": try decode(ModuleProps.self, forKey: .props)
    case "builtFrom", "provides": try decode(VersionProps.self, forKey: .props)
    case "builtUsing": try decode(UsingProps.self, forKey: .props)
    case "dependsOn": try decode(DependsProps.self, forKey: .props)
    case "affects": try decode(AffectsProps.self, forKey: .props)
    case "concerns": try decode(RangesProps.self, forKey: .props)
    default: try decode(NoProps.self, forKey: .props)
    }
  }
}

private struct NoProps: Decodable {}
private struct NamedProps: Decodable { let name: String }
private struct YearProps: Decodable { let year: Int }
private struct VersionProps: Decodable { let version: String? }
private struct RangesProps: Decodable { let ranges: [String]? }

private struct ModuleProps: Decodable {
  let ecosystem: String
  let name: String
}

private struct SourceProps: Decodable {
  let name: String
  let version: String?
  let suite: String?
}

private struct VirtualProps: Decodable {
  let name: String
  let provided: Bool
}

private struct UsingProps: Decodable {
  let field: String
  let version: String?
  let current: Bool
}

private struct AffectsProps: Decodable {
  let version: String
  let matchedBy: String
  let stableRevision: Bool
}

private struct DependsProps: Decodable {
  let kind: String
  let group: Int
  let alt: Int
  let op: String?
  let version: String?
  let qualifier: String?
}

private struct UpdateProps: Decodable {
  let package: String
  let version: String
  let suite: String
  let bytes: Int
  let sha256: String
  let newer: Bool
}

private struct UploadProps: Decodable {
  let source: String
  let version: String
  let at: String
  let urgency: String
  let distribution: String
}

private struct ExploitedProps: Decodable {
  let added: String
  let due: String
  let vendor: String
  let product: String
  let ransomware: String
}

private struct AdvisoryProps: Decodable {
  let ecosystem: String?
  let module: String?
  let published: String?
  let severity: String?
  let summary: String?
  let kind: String?
  let reviewed: Bool?
  let withdrawn: String?
  let cvss: Double?
  let vector: String?
}

private struct PackageProps: Decodable {
  let name: String
  let version: String
  let epoch: Int
  let upstream: String
  let revision: String?
  let architecture: String
  let section: String
  let priority: String
  let essential: Bool
  let installedKiB: Int?
  let bytes: Int
  let sha256: String
  let suite: String
  let homepage: String?
  let summary: String?
  let tags: [String]?
  let multiArch: String?
}
