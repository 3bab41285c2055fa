from openyun.region import HOME, REGIONS, find_region, region_of_resource


def test_a_resource_id_tells_its_region() -> None:
    for region in REGIONS:
        assert region_of_resource(f"vpc-{region.id_code}0123456789abcdefg") is region


def test_what_is_no_resource_id_tells_nothing() -> None:
    assert region_of_resource("vpc-zzz0123456789abcdefg") is None
    assert region_of_resource("bp1abc") is None
    assert region_of_resource("") is None


def test_ids_codes_and_zones_are_told_apart() -> None:
    assert len({region.id for region in REGIONS}) == len(REGIONS)
    assert len({region.id_code for region in REGIONS}) == len(REGIONS)
    zones = [zone.id for region in REGIONS for zone in region.zones]
    assert len(set(zones)) == len(zones)


def test_zones_are_named_as_the_vendor_names_them() -> None:
    dubai = find_region("me-east-1")
    assert dubai is not None
    assert dubai.zones[0].id == "me-east-1a"
    zone = HOME.zone("cn-hangzhou-h")
    assert zone is not None
    assert (zone.name_in("en-US"), zone.name_in("zh-CN")) == ("Hangzhou Zone H", "杭州 可用区H")
    assert HOME.zone("me-east-1a") is None


def test_only_dubai_has_an_operator_of_its_own() -> None:
    assert [region.id for region in REGIONS if region.operator != "Alibaba Cloud"] == ["me-east-1"]
