-- MySQL
set sql_safe_updates = 0;
# a comment with an apostrophe: don't stop here
create table ocorrencia (id int(11) not null, texto longtext) engine=InnoDB;
insert into ocorrencia (id, texto) values (1, 'insert into modelosemails values (99, ''not'', ''a template'', ''A'', ''no'')');
/* insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador)
   values (98,'commented out','x','A','no'); it's a comment */
-- insert into modelosemails values (97,'commented out','x','A','no');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (1,'Doubled ''quotes'' - ${IDSOLICITACAOSERVICO}','<p>d''água</p>','A','doubled');
INSERT INTO `citsmart`.`ModelosEmails` (`idmodeloemail`, `titulo`, `texto`, `situacao`, `identificador`)
VALUES
  (2, 'Backslash \'quotes\'', '<a href=\"x\">line\r\nnext\ttab \\ \% \_ \${KEY}</a>', 'A', 'backslash'),
  (3, "double \"quoted\" it's", "<p class=""x"">ok</p>", 'I', NULL),
  -- a comment; between 'rows'
  (4, _utf8'introduced', CONCAT('one', ' ', 'two', CHAR(13, 10), 'three'), 'a', 'concat');
REPLACE INTO modelosemails SET idmodeloemail = 5, titulo = 'By assignment', texto = 'one' ' continued', situacao = 'A', identificador = 'set';
INSERT IGNORE INTO modelosemails (titulo, identificador, texto) VALUES ('No id, another order', 'order', '<p>x</p>') ON DUPLICATE KEY UPDATE texto = VALUES(texto);
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values ($id_modelo_55,'A placeholder for the id','<p>x</p>','A','placeholder');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values ((select max(idmodeloemail) + 1 from modelosemails m),'A subselect for the id','<p>x</p>','A','subselect');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (8,'A body that is a call',load_file('/tmp/x'),'A','unreadable'), (9, 'The next row', '<p>x</p>', 'A', 'next');
update modelosemails set texto = 'changed' where idmodeloemail = 1;
insert into modelosemails_bkp (idmodeloemail,titulo,texto,situacao,identificador) values (96,'another table','x','A','no');
DELIMITER $$
CREATE PROCEDURE novo() BEGIN
  IF NOT EXISTS (SELECT 1 FROM modelosemails WHERE idmodeloemail = 10) THEN
    INSERT INTO modelosemails VALUES (10, 'In a procedure, it''s read', '<p>x</p>', 'A', 'procedure');
  END IF;
END$$
DELIMITER ;
insert into modeloemail values (11, 'The other table name; no columns', '<!--[if mso]><v:rect/><![endif]-->', 'A', 'singular');
set sql_safe_updates = 1;
