"""What completion offers, and what it leaves out."""

from pathlib import Path

from vnsearch import Article, Index

FILLER = "Hôm nay trời nắng đẹp, cả làng ra đồng gặt lúa từ sáng sớm."


def written(folder: Path, **texts: int) -> Index:
    """An index of some texts, each as often as said, with a capital first letter; _ is a blank."""
    index = Index.create(folder / "index")
    with index.writer() as writer:
        for text, times in texts.items():
            for number in range(times):
                body = f"{text[:1].upper()}{text[1:].replace('_', ' ')}. {FILLER}"
                writer.add(Article(id=f"{text} {number}", title="-", body=body))
    return index


def test_each_completion_is_spelled_as_it_stands(tmp_path: Path) -> None:
    """`gia v` is giá vàng and gia vị, whichever of giá and gia is the more frequent."""
    index = written(tmp_path, gia_vị=9, giá_vàng=4)
    found = index.complete("gia v")
    assert "giá vàng" in found
    assert "gia vị" in found
    assert "gia vàng" not in found


def test_a_rare_spelling_is_no_completion(tmp_path: Path) -> None:
    """What is spelled otherwise ten times as often is a slip."""
    index = written(tmp_path, bảo_hiểm=40, báo_hiểm=3)
    assert index.complete("bao hi") == ["bảo hiểm"]


def test_what_stands_there_by_accident_is_left_out(tmp_path: Path) -> None:
    """`đối một` is found, but the language has these words side by side less often than chance would."""
    index = written(tmp_path, đối_mặt_thách_thức=9, đối_một_cách_lạ=3)
    assert index.complete("đối m") == ["đối mặt"]


def test_a_slip_before_is_mended_and_what_stands_before_restored(tmp_path: Path) -> None:
    """No article has these words side by side: what the last two begin is one word, behind what is read alone."""
    index = written(tmp_path, hội_nghị_dân_vận=20, tỉnh_Lạng_Sơn_đón_khách=30, huyện_Văn_Lâm_họp=12)
    assert index.complete("dan van lagn s") == ["dân vận lạng sơn"]
    assert index.complete("dân vận lạng s") == ["dân vận lạng sơn"]
    assert index.complete("dan van l") == []  # vận is the end of dân vận, no beginning of Văn Lâm


def test_names_are_completed_whole(tmp_path: Path) -> None:
    """Not by their first syllable, though that is as often there."""
    index = written(tmp_path, công_an_tỉnh_Bắc_Ninh_họp=9, công_an_tỉnh_Bắc_Giang_họp=7, công_an_tỉnh_Bình_Định_họp=5)
    found = index.complete("cong an tinh b")
    assert found == ["công an tỉnh bắc ninh", "công an tỉnh bắc giang", "công an tỉnh bình định"]
