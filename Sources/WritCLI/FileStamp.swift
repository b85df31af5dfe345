// Whether a file is still the one that was read.

@preconcurrency import Glibc

/// What tells one file from another that took its name.
struct FileStamp: Equatable {
  private let numbers: [Int]

  /// `nil` where there is no file, which is then for the reader to say.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    numbers = [
      Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino),
      Int(status.st_size),
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}
