import Testing
import WritPipeline

@Suite struct LimitsTests {
  @Test func isThere() { #expect(PipelineLimits.stages > 0) }
}
