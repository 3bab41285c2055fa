from openyun.gateway import known


def test_an_operation_is_found_with_its_version_only() -> None:
    assert known.find("2014-05-26", "RunInstances") == ("ecs",)
    assert known.find("2016-04-28", "RunInstances") == ()
    assert known.find("2014-05-26", "RunInstance") == ()


def test_versions() -> None:
    assert known.has_version("2016-04-28")
    assert not known.has_version("2016-04-29")


def test_every_product_has_operations_and_a_form() -> None:
    products = known.products()
    assert len(products) >= 36
    assert all(product.operations for product in products)
    assert {product.style for product in products} == {"RPC", "ROA"}
    assert next(product for product in products if product.name == "fc").style == "ROA"
