package dev.writ.audit.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.log.TileReader;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TileTest {
  @Test
  void pathsAreThoseOfTheSpecification() {
    assertThat(new TileName(0, 1234067, 256).path()).isEqualTo("tile/0/x001/x234/067");
    assertThat(new TileName(1, 0, 17).path()).isEqualTo("tile/1/000.p/17");
    assertThat(new TileName(TileName.ENTRIES, 273, 112).path()).isEqualTo("tile/entries/273.p/112");
  }

  @Test
  void theEdgeOfTheSpecificationsExampleTree() {
    assertThat(TileName.edge(70_000).stream().map(TileName::path))
        .containsExactly(
            "tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1");
    assertThat(TileName.edge(256).stream().map(TileName::path)).containsExactly("tile/1/000.p/1");
  }

  @Test
  void onlyCanonicalPathsAreRead() {
    for (String path :
        List.of("tile/0/x001/x234/067", "tile/1/000.p/17", "tile/entries/000", "tile/63/000")) {
      assertThat(TileName.parse(path).map(TileName::path)).contains(path);
    }
    for (String path :
        List.of(
            "tile/00/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/x000/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/",
            "/tile/0/000",
            "tile/-1/000",
            "tile/0/../000",
            "tile/0/001/000",
            "",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "checkpoint")) {
      assertThat(TileName.parse(path)).as(path).isEmpty();
    }
  }

  @Test
  void tilesOfAGrowingTreeGiveEveryRootAndProof() throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    List<Hash> leaves = new ArrayList<>();
    TreeEdge edge = TreeEdge.empty();
    for (int size = 1; size <= 66_000; size++) {
      Hash leaf = Hash.leaf(Integer.toString(size).getBytes(StandardCharsets.US_ASCII));
      leaves.add(leaf);
      edge.append(leaf, tile -> files.put(tile.name().path(), tile.bytes()));
      if (size < 600 || size % 9973 == 0 || (size > 65_530 && size < 65_540)) {
        edge.partials().forEach(tile -> files.put(tile.name().path(), tile.bytes()));
        assertThat(edge.partials().stream().map(TreeEdge.Tile::name))
            .containsExactlyElementsOf(
                TileName.edge(size).stream().filter(name -> name.level() >= 0).toList());
        TileReader tiles = new TileReader(files::get, size);
        Hash root = MerkleTest.naive(leaves);
        assertThat(edge.root()).isEqualTo(root);
        assertThat(Merkle.root(size, tiles)).isEqualTo(root);
        assertThat(TreeEdge.of(size, tiles).root()).isEqualTo(root);
        int index = (size * 7919) % size;
        assertThat(
                Merkle.included(
                    leaves.get(index), index, size, Merkle.inclusion(index, size, tiles), root))
            .isTrue();
      }
    }
  }

  @Test
  void aPartialTileThatIsGoneIsReadFromTheFullOne() throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    TreeEdge edge = TreeEdge.empty();
    Hash at100 = null;
    for (int i = 0; i < 256; i++) {
      edge.append(
          Hash.leaf(new byte[] {(byte) i}), tile -> files.put(tile.name().path(), tile.bytes()));
      at100 = i == 99 ? edge.root() : at100;
    }
    assertThat(Merkle.root(100, new TileReader(files::get, 100))).isEqualTo(at100);
  }

  @Test
  void bundlesReadBackAndNothingElseDoes() throws MalformedException {
    List<byte[]> entries =
        List.of(new byte[0], new byte[] {1}, new byte[0x1234], new byte[EntryBundle.MAX_ENTRY]);
    byte[] bundle = EntryBundle.encode(entries);
    assertThat(EntryBundle.decode(bundle))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(entries);
    assertThat(Arrays.copyOf(bundle, 5)).containsExactly(0, 0, 0, 1, 1);
    for (int cut = bundle.length - 1; cut > bundle.length - 5; cut--) {
      byte[] shorter = Arrays.copyOf(bundle, cut);
      assertThatThrownBy(() -> EntryBundle.decode(shorter)).isInstanceOf(MalformedException.class);
    }
    assertThatThrownBy(() -> EntryBundle.decode(new byte[] {0}))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> EntryBundle.encode(List.of(new byte[0x10000])))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
