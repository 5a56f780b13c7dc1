import Testing

/// The contract's own examples, on every interpreter.
@Suite struct SeedTests {
    static let before = """
        COUNT = 1
        def greet(name='you'):
            'old'
            return 'old', name
        class Player:
            speed = 1
            def __init__(self): self.hp = 1
            def hit(self): return 'old'
            @staticmethod
            def make(): return 'old'
            @classmethod
            def kind(cls): return 'old', cls
            @property
            def state(self): return 'old'
        """
    static let after = """
        COUNT = 2
        EXTRA = 3
        def greet(name='me'):
            'new'
            return 'new', name
        class Player:
            speed = 2
            bonus = 5
            def __init__(self): self.hp = 2
            def hit(self): return 'new'
            def fresh(self): return super().__init__, __class__
            @staticmethod
            def make(): return 'new'
            @classmethod
            def kind(cls): return 'new', cls
            @property
            def state(self): return 'new'
            def x_reload_class(self): self.new_var = 5000
        def x_reload_module():
            global COUNT
            COUNT += 10
        """

    @Test(arguments: Python.all) func `code is updated in place, data stays, hooks run`(python: Python) throws {
        try expectReload(
            ["m.py": Self.before, "new.txt": Self.after],
            """
            import m
            from m import greet, Player
            player = Player(); bound = player.hit; make = Player.make
            state = Player.__dict__['state']
            write('m.py', open(os.path.join(sys.path[0], 'new.txt')).read())
            report = reload()
            assert m.greet is greet and m.Player is Player and type(player) is Player
            assert greet() == ('new', 'me') and greet.__doc__ == 'new'
            assert player.hit() == bound() == make() == Player.make() == 'new'
            assert Player.kind() == ('new', Player) and player.state == 'new'
            assert Player.__dict__['state'] is state
            assert player.fresh()[1] is Player and player.hp == 1 and Player().hp == 2
            assert (m.COUNT, m.EXTRA, Player.speed, Player.bonus) == (11, 3, 1, 5)
            assert player.new_var == 5000
            assert '[U] m.greet : function' in report['log'] and '[RD] m.COUNT : data' in report['log']
            assert report['modules']['m']['added'] == ['EXTRA', 'x_reload_module', 'Player.bonus', 'Player.fresh', 'Player.x_reload_class']
            assert not Player.__subclasses__() and [c for c in object.__subclasses__() if c.__name__ == 'Player'] == [Player]
            """, on: python)
    }

    @Test(arguments: Python.all) func `a failure of any kind leaves everything as it was`(python: Python) throws {
        try expectReload(
            ["m.py": Self.before],
            """
            import m
            from m import greet, Player
            player = Player()
            write('m.py', read('m.py'))
            before = dict(m.__dict__), dict(Player.__dict__), greet.__code__, dict(sys.modules)
            for bad in ('def greet(:', 'def greet(): return 9\\n1/0', 'raise SystemExit(1)', 'raise KeyboardInterrupt', 'import nothing_there',
                        'class Player:\\n    def hit(self): return 3\\n    def x_reload_class(self): self.hp = 7; raise ValueError("hook")',
                        'EXTRA = 1\\ndef x_reload_module(): raise ValueError'):
                write('m.py', bad)
                error = refused()
                assert error.__cause__ is not None and error.trace
                assert (dict(m.__dict__), dict(Player.__dict__), greet.__code__) == before[:3], bad
                assert dict(sys.modules) == before[3], set(sys.modules) ^ set(before[3])
                assert greet() == ('old', 'you') and player.hit() == 'old' and player.__dict__ == {'hp': 1}
                assert not [c for c in object.__subclasses__() if c.__name__ == 'Player' and c is not Player]
            write('m.py', "def greet(): return 'fine'")
            reload()
            assert greet() == 'fine' and not hasattr(m, 'Player') and player.hit() == 'old'
            """, on: python)
    }
}
